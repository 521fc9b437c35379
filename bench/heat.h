#ifndef PM_HEAT_H
#define PM_HEAT_H
/*
 * A distribution over time: what was added to a histogram in each interval,
 * in 8 steps an octave.  The loops know nothing of it; between two chunks the
 * histogram is compared with what it was.  Memory is bounded: when the rows
 * are used up, pairs of them become one and the interval twice as long.
 */
#include "bench/hist.h"

enum { PM_HEAT_SUB = 3, PM_HEAT_COLUMNS = 304, PM_HEAT_ROWS = 256 };

struct pm_heat {
	const struct pm_hist *of;
	uint64_t  interval_ticks; /* 0: none is kept */
	uint64_t  interval_ns;
	uint64_t  next_ticks;
	unsigned  rows;
	uint32_t (*counts)[PM_HEAT_COLUMNS];
	uint64_t  before[PM_HEAT_COLUMNS];
};

enum ipc_rc pm_heat_init(struct pm_heat *heat, const struct pm_hist *of,
			 uint64_t interval_ticks, uint64_t interval_ns,
			 struct ipc_err *err);
void pm_heat_free(struct pm_heat *heat); /* harmless when zeroed */
/* The histogram was just reset. */
void pm_heat_start(struct pm_heat *heat, uint64_t now_ticks);
void pm_heat_step_over(struct pm_heat *heat, uint64_t now_ticks);
/* What came after the last boundary is a last, shorter row. */
void pm_heat_end(struct pm_heat *heat);

static inline void pm_heat_step(struct pm_heat *heat, uint64_t now_ticks)
{
	if (heat && heat->interval_ticks && now_ticks >= heat->next_ticks)
		pm_heat_step_over(heat, now_ticks);
}

#endif
