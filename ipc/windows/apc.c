/*
 * Overlapped I/O with completion routines, which run when this thread waits
 * alertably, that is, in here; nothing else in this thread may wait so.
 */
#include <limits.h>

#include "ipc/list.h"
#include "ipc/windows/async.h"

static enum ipc_rc look(struct async_hub *hub, bool patient)
{
	hub->base.waits += patient;
	SleepEx(patient ? INFINITE : 0, TRUE);
	return IPC_OK;
}

static enum ipc_rc await(struct async_hub *hub, struct async_op *op)
{
	while (op->state == ASYNC_BUSY)
		look(hub, true);
	return IPC_OK;
}

static const struct async_style style = {
	.engine = &ipc_engine_apc,
	.by_routine = true,
	.look = look,
	.await = await,
};

static enum ipc_rc apc_open(const struct ipc_opts *opts, unsigned ends,
			    struct ipc_hub **out, struct ipc_err *err)
{
	struct async_hub *hub;
	enum ipc_rc rc = ipc_async_open(&style, opts, ends, &hub, err);

	if (!rc)
		*out = &hub->base;
	return rc;
}

const struct ipc_engine ipc_engine_apc = {
	.name = "apc",
	.summary = "ReadFileEx and WriteFileEx, completion routines",
	IPC_ASYNC_ENGINE,
	.ends_max = UINT_MAX,
	.sends = "WriteFileEx",
	.receives = "ReadFileEx, SleepEx",
	.knobs = IPC_ASYNC_KNOBS,
	.open = apc_open,
};
