#ifndef PM_LAUNCH_H
#define PM_LAUNCH_H
/* One trial, run by the runner: two processes, a link, a control channel. */
#include "bench/result.h"
#include "bench/trial.h"
#include "ipc/proc.h"

/* For stress: what is done to the processes of a trial while it runs. */
struct pm_meddler {
	enum pm_phase when;     /* it begins once the trial is there, */
	uint64_t      after_ns; /* and so much later */
	/* How long until its next turn, ns; 0: it has done its part. */
	uint64_t    (*act)(void *user, struct ipc_proc *const proc[2]);
	void         *user;
};

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
	const char               *stress[2];  /* --stress of each end, or NULL */
	const struct pm_meddler  *meddler;    /* NULL: nobody */
	bool                      late;       /* stress: it hangs on purpose */
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
