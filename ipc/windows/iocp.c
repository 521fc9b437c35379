/* Overlapped I/O whose completions come through a port. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/list.h"
#include "ipc/windows/async.h"

/* Up to `batch` completions in one call. */
static enum ipc_rc look(struct async_hub *hub, bool patient)
{
	ULONG count = 0;

	hub->base.waits += patient;
	if (!GetQueuedCompletionStatusEx(hub->port, hub->entries,
					 (ULONG)hub->opts.batch, &count,
					 patient ? INFINITE : 0, FALSE)) {
		if (GetLastError() == WAIT_TIMEOUT)
			return IPC_OK;
		return ipc_fail(&hub->base.err, "GetQueuedCompletionStatusEx",
				NULL);
	}
	for (ULONG i = 0; i < count; i++) {
		struct async_op *op =
			(struct async_op *)hub->entries[i].lpOverlapped;

		ipc_async_finish(op);
		ipc_async_noticed(hub, op);
	}
	return IPC_OK;
}

static enum ipc_rc await(struct async_hub *hub, struct async_op *op)
{
	enum ipc_rc rc = IPC_OK;

	while (op->state == ASYNC_BUSY && !rc)
		rc = look(hub, true);
	return rc;
}

static enum ipc_rc bind_one(struct async_hub *hub, HANDLE pipe,
			    const char *name, struct ipc_err *err)
{
	UCHAR modes = FILE_SKIP_SET_EVENT_ON_HANDLE;

	if (hub->skip)
		modes |= FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
	if (!CreateIoCompletionPort(pipe, hub->port, 0, 0)) {
		if (GetLastError() != ERROR_INVALID_PARAMETER)
			return ipc_fail(err, "CreateIoCompletionPort", name);
		return ipc_refuse(err, IPC_UNSUPPORTED, "iocp",
				  "whoever gave us this handle has bound it "
				  "to another completion port");
	}
	return SetFileCompletionNotificationModes(pipe, modes)
		       ? IPC_OK
		       : ipc_fail(err, "SetFileCompletionNotificationModes",
				  name);
}

static enum ipc_rc bind(struct async_hub *hub, struct async_end *end,
			struct ipc_err *err)
{
	const char *name = end->base.link.name;
	enum ipc_rc rc = IPC_OK;

	if (end->rd)
		rc = bind_one(hub, end->rd, name, err);
	if (!rc && end->wr && end->wr != end->rd)
		rc = bind_one(hub, end->wr, name, err);
	return rc;
}

static const struct async_style style = {
	.engine = &ipc_engine_iocp,
	.look = look,
	.await = await,
	.bind = bind,
};

static enum ipc_rc iocp_open(const struct ipc_opts *opts, unsigned ends,
			     struct ipc_hub **out, struct ipc_err *err)
{
	struct async_hub *hub;
	enum ipc_rc rc = ipc_async_open(&style, opts, ends, &hub, err);

	if (rc)
		return rc;
	hub->skip = opts->skip_on_success;
	if (hub->skip)
		strcat(hub->base.how, ", skip on success");
	hub->entries = calloc((size_t)opts->batch, sizeof(*hub->entries));
	if (hub->entries)
		hub->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL,
						   0, 1);
	if (!hub->port) {
		rc = hub->entries
			     ? ipc_fail(err, "CreateIoCompletionPort", NULL)
			     : ipc_refuse(err, IPC_NOMEM, "calloc", "batch");
		ipc_async_close(&hub->base);
		return rc;
	}
	*out = &hub->base;
	return IPC_OK;
}

const struct ipc_engine ipc_engine_iocp = {
	.name = "iocp",
	.summary = "overlapped reads and writes, one completion port",
	IPC_ASYNC_ENGINE,
	.ends_max = UINT_MAX,
	.sends = "WriteFile(OVERLAPPED), GetQueuedCompletionStatusEx",
	.receives = "ReadFile(OVERLAPPED), GetQueuedCompletionStatusEx",
	.knobs = IPC_ASYNC_KNOBS " skip-on-success",
	.open = iocp_open,
};
