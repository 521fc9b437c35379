/* The commands that help lists; pipemark.c runs them. */
#include "bench/cmd.h"

#include <stddef.h>

const struct pm_command pm_commands[] = {
	{ "run", pm_cmd_run, "measure a matrix of configurations", NULL },
	{ "stress", pm_cmd_stress, "break it: integrity, faults, hostile peers, "
	  "limits", NULL },
	{ "list", pm_cmd_list, "what there is: transports, engines, knobs, "
	  "metrics, presets, matrix", NULL },
	{ "help", pm_cmd_help, "this list; a command, a knob, or knobs", NULL },
	{ "csv", NULL, "a result file as tables", "csv" },
	{ "plot", NULL, "a result file as pictures", "plot" },
	{ "report", NULL, "result files as one page", "report" },
	{ "show", NULL, "a result file in the terminal", "show" },
	{ "export", NULL, "a result file for other tools", "export" },
	{ "versus", NULL, "measure two configurations in pairs and judge",
	  "versus" },
	{ "compare", NULL, "judge whole runs, before and after", "compare" },
	{ "gate", NULL, "fail when this machine became slower", "gate" },
	{ "history", NULL, "keep and show the runs of a machine", "history" },
	{ "choose", NULL, "the best configuration for a purpose", "choose" },
	{ "noise", NULL, "how much two equal runs differ here", "noise" },
	{ NULL, NULL, NULL, NULL }
};
