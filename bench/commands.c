/* The commands that help lists; pipemark.c runs them. */
#include "bench/cmd.h"

#include <stddef.h>

#include "bench/run_args.h"

const struct pm_command pm_commands[] = {
	{ "run", pm_cmd_run, "measure a matrix of configurations", NULL,
	  pm_run_usage },
	{ "stress", pm_cmd_stress, "break it: integrity, faults, hostile peers, "
	  "limits", NULL, pm_stress_usage },
	{ "selftest", pm_cmd_selftest, "is this system what the program takes it "
	  "for? expected, seen, verdict", NULL, pm_selftest_usage },
	{ "list", pm_cmd_list, "what there is: transports, engines, knobs, "
	  "metrics, presets, matrix, live", NULL, NULL },
	{ "help", pm_cmd_help, "this list; a command, knobs, matrix, units, "
	  "exit, or a name", NULL, NULL },
	{ "csv", NULL, "a result file as tables", "csv", NULL },
	{ "plot", NULL, "a result file as pictures", "plot", NULL },
	{ "report", NULL, "result files as one page", "report", NULL },
	{ "show", NULL, "a result file in the terminal", "show", NULL },
	{ "export", NULL, "a result file for other tools", "export", NULL },
	{ "versus", NULL, "measure two configurations in pairs and judge",
	  "versus", NULL },
	{ "compare", NULL, "judge whole runs, before and after", "compare", NULL },
	{ "gate", NULL, "fail when this machine became slower", "gate", NULL },
	{ "history", NULL, "keep and show the runs of a machine", "history", NULL },
	{ "choose", NULL, "the best configuration for a purpose", "choose", NULL },
	{ "noise", NULL, "how much two equal runs differ here", "noise", NULL },
	{ NULL, NULL, NULL, NULL, NULL }
};
