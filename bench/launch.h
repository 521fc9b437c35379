#ifndef PM_LAUNCH_H
#define PM_LAUNCH_H
/* One trial, run by the runner: two processes, a link, a control channel. */
#include "bench/result.h"
#include "bench/trial.h"

struct pm_launch {
	const struct pm_cell     *cell;
	const struct ipc_pairing *pairing;
	const struct ipc_clock   *clock;
	const char               *folder;     /* where the two programs are */
	const char *const        *prefix;     /* command in front, or NULL */
	uint64_t                  timeout_ns; /* 0: time + warm-up + 10 s */
	uint64_t                  delay_ns;   /* tests: the consumer spins */
	uint64_t                  token;
	uint64_t                  seed;       /* of the planned times */
};

/*
 * Run it.  Whatever happens is in trial (ok, phase, err); when this returns no
 * process and no name of the trial is left.
 */
void pm_launch(const struct pm_launch *launch, struct pm_trial *trial);

/*
 * The CPUs of a placement: cpu[PM_PRODUCER], cpu[PM_CONSUMER], -1 where the
 * system may choose.  IPC_UNSUPPORTED if this machine has too few.
 */
enum ipc_rc pm_place(const char *placement, int cpu[2], struct ipc_err *err);

#endif
