#ifndef PM_SWEEP_H
#define PM_SWEEP_H
/*
 * Latency against offered load: `run --sweep-rate`, and what its rates say
 * together.
 */
#include "bench/summary_rows.h"

enum { PM_SWEEP_MOST = 64, PM_SWEEP_TEXT_MAX = PM_SWEEP_MOST * 24 };

/*
 * "1K..500K" becomes rates half an octave apart, rounded to two digits, ends
 * included; a list stays one.  buf is a value of the knob rate then.
 */
enum ipc_rc pm_sweep_rates(const char *text, char buf[PM_SWEEP_TEXT_MAX],
			   struct ipc_err *err);

/* One configuration at several rates, the lowest first. */
struct pm_sweep {
	const struct pm_row *rows[PM_SWEEP_MOST];
	size_t               count;
};

/* The next one, from row *at on; false if there is none left. */
bool pm_sweep_next(const struct pm_rows *rows, size_t *at,
		   struct pm_sweep *sweep);
/*
 * The last rate before the knee: reached, as were all below it, with a median
 * response of no more than 3 times the least.  NULL: not even the first.
 */
const struct pm_row *pm_sweep_knee(const struct pm_sweep *sweep);
/*
 * The highest rate that was reached with a 99 % response below the bound, as
 * were all rates below it that have enough messages for one.
 */
const struct pm_row *pm_sweep_best(const struct pm_sweep *sweep,
				   double bound_ns);
/*
 * The rate after the last good one (NULL: the lowest), if most of its trials
 * are void because the pacer was late: it does not prove that the pipe was the
 * limit.  NULL: no such doubt.
 */
const struct pm_row *pm_sweep_doubt(const struct pm_sweep *sweep,
				    const struct pm_row *last);

/* Which rows and groups are part of one. */
void pm_sweep_mark(struct pm_rows *rows);

void pm_print_sweeps(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_rows *rows);

#endif
