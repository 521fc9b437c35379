#ifndef PM_LASTOPS_H
#define PM_LASTOPS_H
/*
 * The last operations of a process under stress, in a small ring that the
 * runner reads out of its memory when it hangs: it may stand still, or be
 * deep in the kernel, and cannot be asked.  Outside of stress there is none.
 */
#include <stdio.h>

#include "ipc/ipc.h"
#include "ipc/proc.h"

enum pm_op {
	PM_OP_NONE, PM_OP_RESERVE, PM_OP_COMMIT, PM_OP_PUSH, PM_OP_FLUSH,
	PM_OP_NEXT, PM_OP_DETACH, PM_OP_LISTEN, PM_OP_ACCEPT, PM_OP_CONNECT,
	PM_OPS
};

/* Around a call that may wait; returns what end wants to know. */
uint64_t pm_lastops_begin(enum pm_op op, uint64_t bytes);
void pm_lastops_end(uint64_t which, int64_t result);

/* The same engine, every call of which is noted; real if there is no room. */
const struct ipc_engine *pm_lastops_engine(const struct ipc_engine *real);

/* In the child: tell the runner where to look, one line. */
enum ipc_rc pm_lastops_announce(struct ipc_channel *channel,
				struct ipc_err *err);
/* In the runner: the address from that line, 0 for any other. */
uint64_t pm_lastops_heard(const char *line);
/* What a child did last, newest first, as lines that begin with prefix. */
void pm_lastops_tell(FILE *out, const char *prefix,
		     const struct ipc_proc *proc, uint64_t address);

#endif
