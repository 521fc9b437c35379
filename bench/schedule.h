#ifndef PM_SCHEDULE_H
#define PM_SCHEDULE_H
/*
 * The order of trials: every cell once in a shuffled order, then again in
 * another, so that drift does not land on one cell.  With two arms each visit
 * is a pair of trials back to back, which one goes first is drawn.  The seed
 * makes it repeatable.
 */
#include <stdbool.h>
#include <stdint.h>

#include "bench/result.h"

struct pm_turn {
	unsigned cell, round, slot, pair; /* pair 0: the first of its visit */
	char     arm;
	bool     done; /* by an earlier run that is gone on with */
};

struct pm_schedule {
	struct pm_turn *turns; /* all of them, in order; owned */
	unsigned        count;
};

/* Cells (and arms) that plan skips have no turn; a pair needs both arms. */
enum ipc_rc pm_schedule_make(const struct pm_plan *plan,
			     struct pm_schedule *schedule,
			     struct ipc_err *err);
/* Marks the turns of which there is a trial. */
enum ipc_rc pm_schedule_mark(struct pm_schedule *schedule,
			     const struct pm_plan *plan,
			     const struct pm_trial *done, size_t count,
			     struct ipc_err *err);
void pm_schedule_free(struct pm_schedule *schedule);

#endif
