#ifndef PM_RESULT_RECORDS_H
#define PM_RESULT_RECORDS_H
/* The records of a result file as JSON, one line each; for result.c. */
#include "bench/env.h"
#include "bench/json.h"
#include "bench/result.h"

void pm_record_run(struct pm_json *j, const struct pm_plan *plan,
		   const char *run_id);
void pm_record_env(struct pm_json *j, const struct pm_env *env);
/* arm: 0 or 1 */
void pm_record_cell(struct pm_json *j, const struct pm_plan *plan,
		    unsigned cell, unsigned arm);
void pm_record_trial(struct pm_json *j, const struct pm_plan *plan,
		     const struct pm_trial *trial);
void pm_record_canary(struct pm_json *j, unsigned round,
		      const struct pm_canary *canary);

/* Cells of the plan that are not measured: one of their arms cannot be. */
unsigned pm_plan_skipped(const struct pm_plan *plan);

#endif
