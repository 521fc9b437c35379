#ifndef PM_EXPLAIN_H
#define PM_EXPLAIN_H
/* What a cell would do, for people. */
#include <stdio.h>

#include "bench/config.h"
#include "ipc/registry.h"

/*
 * Which objects are opened, by whom and with which calls; system calls a
 * message; placement and times.  The cell resolved to pairing.
 */
void pm_explain(FILE *out, const struct pm_cell *cell,
		const struct ipc_pairing *pairing);

#endif
