#ifndef PM_SUMMARY_H
#define PM_SUMMARY_H
/*
 * All trials of a run in memory, for the screen and for samples.csv: the
 * answer line, the table, the skipped reasons, what to do next.
 */
#include <stdio.h>

#include "bench/result.h"

struct pm_samples { /* every finished trial, without histograms */
	struct pm_trial *trials;
	size_t           count, room;
};
enum ipc_rc pm_samples_add(struct pm_samples *s, const struct pm_trial *trial);
void pm_samples_free(struct pm_samples *s);

/* Median and its 95 % interval by order statistics; lo and hi NaN below 6. */
struct pm_estimate {
	unsigned k;
	double   median, lo, hi, min, max;
};
struct pm_estimate pm_estimate(double *values, unsigned k); /* sorts values */

/* First screen: per workload and size the fastest and its equals; the table;
 * skipped cells by reason with counts.  width 0: no terminal.  color: ANSI. */
void pm_summary_print(FILE *out, const struct pm_plan *plan,
		      const struct pm_samples *samples, unsigned width,
		      bool color);

/* A terminal that may have colours: no NO_COLOR, no TERM=dumb. */
bool pm_color_wanted(FILE *out);

/* samples.csv, see reports/FORMAT.md. */
enum ipc_rc pm_csv_write(const char *path, const struct pm_plan *plan,
			 const struct pm_samples *samples, const char *run_id,
			 struct ipc_err *err);

/* Progress: redrawn in place on a terminal, a line now and then elsewhere. */
struct pm_progress {
	FILE    *out;
	bool     terminal, quiet;
	unsigned done, all, width;
	uint64_t start_ns, last_ns;
};
void pm_progress_start(struct pm_progress *p, FILE *out, unsigned all,
		       bool quiet);
void pm_progress_step(struct pm_progress *p, const char *cell_id);
void pm_progress_step_at(struct pm_progress *p, const char *cell_id,
			 uint64_t now_ns); /* the same, for tests */
void pm_progress_end(struct pm_progress *p);

#endif
