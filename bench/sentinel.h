#ifndef PM_SENTINEL_H
#define PM_SENTINEL_H
/*
 * Sentinels: cells that run once more with both arms alike.  They stand at
 * the end of the plan and are visited like any other; if their arms differ,
 * no difference of this run is to be trusted.
 */
#include "bench/result.h"

/*
 * Append copies of so many cells, picked evenly among those that both arms
 * can measure; fewer if there are fewer.  Grows plan->cells.
 */
enum ipc_rc pm_plan_sentinels(struct pm_plan *plan, unsigned count,
			      struct ipc_err *err);

#endif
