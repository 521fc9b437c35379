#ifndef PM_RUN_H
#define PM_RUN_H
/* One `pipemark run`, private to cmd_run.c and run_plan.c. */
#include "bench/assassin.h"
#include "bench/result.h"
#include "bench/run_args.h"
#include "bench/schedule.h"
#include "bench/summary.h"

struct pm_run_state {
	struct pm_run_args  args;
	struct pm_plan      plan;
	struct pm_schedule  schedule;
	struct pm_samples   samples;
	struct pm_past      past;
	struct pm_matrix    matrix;    /* the cells' origins live in it */
	bool                resumed;
	struct pm_result   *result;
	const char         *path;      /* of the result file */
	char                path_buf[PM_RESULT_PATH_MAX];
	char                folder[1024];
	char               *prefix_text[2];
	const char         *prefix[2][PM_PREFIX_MAX];
	struct pm_assassin  assassin;
	uint64_t            launched;
	unsigned            failed, skipped;
	struct ipc_err      err;
};

/* What to measure: cells, arms, what each becomes, trials, order. */
enum ipc_rc pm_run_plan(struct pm_run_state *run);
void pm_run_plan_free(struct pm_run_state *run);
/* How long one round takes, about, ns. */
uint64_t pm_run_round_ns(const struct pm_run_state *run);

#endif
