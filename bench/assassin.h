#ifndef PM_ASSASSIN_H
#define PM_ASSASSIN_H
/*
 * Tests: --kill VICTIM:PHASE:AFTER:TRIAL.  In that trial (from 0), so long
 * after it came to that phase, the producer, the consumer, both or the runner
 * itself is killed; where the trial was then is said on stderr.
 */
#include "bench/launch.h"

struct pm_assassin {
	struct pm_meddler      meddler;
	const struct pm_trial *trial; /* the one that runs now */
	const char            *victim;
	size_t                 victim_size;
	uint64_t               in_trial;
};

/* IPC_INVALID if it is not written so.  text must stay. */
enum ipc_rc pm_assassin_hire(struct pm_assassin *a, const char *text,
			     struct ipc_err *err);

#endif
