#ifndef PM_PAST_RECORDS_H
#define PM_PAST_RECORDS_H
/*
 * The records of a result file put back into what they were made of; for
 * past.c.  Each of the first three returns false with *why set where the
 * record says nonsense.
 */
#include <stdio.h>

#include "bench/json_read.h"
#include "bench/result.h"

bool pm_past_run(struct pm_past *past, const struct pm_doc *doc,
		 const char **why);
bool pm_past_cell(struct pm_past *past, const struct pm_doc *doc,
		  unsigned *cell, const char **why);
bool pm_past_trial(struct pm_past *past, const struct pm_doc *doc,
		   unsigned *cell, const char **why);
/* pm_past_read, for tests: err is never NULL, name is for messages. */
enum ipc_rc pm_past_read_stream(FILE *file, const char *name,
				struct pm_past *past, struct ipc_err *err);
/* Have all cells come that the run record announced? */
bool pm_past_complete(const struct pm_past *past);

#endif
