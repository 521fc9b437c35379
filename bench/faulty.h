#ifndef PM_FAULTY_H
#define PM_FAULTY_H
/*
 * An engine that does wrong on purpose, so that a test can see each verdict
 * of stress.  It is in no list: only the option --stress of a worker makes it.
 */
#include "ipc/ipc.h"

/*
 * "drop:N", "repeat:N", "corrupt:N", "reorder:N", "hang:N", "leak:N": the real
 * engine, but for its N-th received message (N > 1; the first is the hello).
 * One a process.  NULL: text is none of these.
 */
const struct ipc_engine *pm_faulty(const struct ipc_engine *real,
				   const char *text);

#endif
