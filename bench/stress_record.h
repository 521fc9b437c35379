#ifndef PM_STRESS_RECORD_H
#define PM_STRESS_RECORD_H
/* What stress found: as a record of the result file, and for people. */
#include <stdio.h>

#include "bench/json.h"
#include "bench/stress.h"

void pm_record_stress(struct pm_json *j, const struct pm_stress *s);
void pm_stress_table(FILE *out, const struct pm_stress *list, size_t count);

/* result.c */
enum ipc_rc pm_result_stress(struct pm_result *result,
			     const struct pm_stress *s, struct ipc_err *err);

#endif
