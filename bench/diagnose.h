#ifndef PM_DIAGNOSE_H
#define PM_DIAGNOSE_H
/* What a process that hangs is doing, for people, before it is killed. */
#include <stdio.h>

#include "ipc/proc.h"

/* ring: of bench/lastops.h, 0 if there is none. */
void pm_diagnose(FILE *out, const char *name, const struct ipc_proc *proc,
		 uint64_t ring);

#endif
