#include "bench/trial.h"

#include <math.h>
#include <stdlib.h>

#include "ipc/opts.h"
#include "ipc/proc.h"

const char *const pm_phase_names[] = {
	[PM_PHASE_SPAWN] = "spawn",	[PM_PHASE_OPEN] = "open",
	[PM_PHASE_WARMUP] = "warmup",	[PM_PHASE_DRAIN] = "drain",
	[PM_PHASE_MEASURE] = "measure", [PM_PHASE_REPORT] = "report",
	[PM_PHASE_DONE] = "done",
};

const char *const pm_end_names[] = { "producer", "consumer" };

/* In the order of the bits of enum pm_warning. */
const char *const pm_warning_names[] = {
	"not-steady", "clamped", "stopped", "moved", "steal", "few",
	"missed", "late", "void", "floor", NULL
};

void pm_trial_init(struct pm_trial *trial)
{
	*trial = (struct pm_trial){
		.arm = 'a',
		.err_end = -1,
		.cpus = { { -1, -1 }, { -1, -1 } },
		.steal_ticks = IPC_UNKNOWN,
		.asked_bytes = IPC_BUFFER_OS,
	};
	for (size_t i = 0; i < PM_METRIC_MAX; i++)
		trial->metrics[i] = NAN;
}

void pm_trial_free(struct pm_trial *trial)
{
	for (size_t i = 0; i < PM_HIST_SLOTS; i++)
		free(trial->hists[i].json);
	for (size_t i = 0; i < PM_TRACE_SLOTS; i++)
		free(trial->traces[i].json);
	for (size_t i = 0; i < PM_HEAT_SLOTS; i++)
		free(trial->heats[i].json);
	free(trial->series);
	for (unsigned i = 0; i < trial->client_count; i++)
		free(trial->clients[i].hist);
	free(trial->clients);
	pm_trial_init(trial);
}
