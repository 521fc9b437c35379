/* Overlapped I/O with an event for each operation. */
#include <stdio.h>

#include "ipc/list.h"
#include "ipc/windows/async.h"

static enum ipc_rc wait_failed(struct async_hub *hub, const char *op)
{
	return ipc_fail(&hub->base.err, op, NULL);
}

/*
 * Completion reaches memory and event in this thread, one straight after the
 * other; an event that is set without its operation being done is not relied
 * on all the same.
 */
static enum ipc_rc await(struct async_hub *hub, struct async_op *op)
{
	while (!ipc_async_is_done(hub, op)) {
		hub->base.waits++;
		if (WaitForSingleObject(op->ov.hEvent, INFINITE) == WAIT_FAILED)
			return wait_failed(hub, "WaitForSingleObject");
	}
	return IPC_OK;
}

static bool receives(const struct async_end *end)
{
	return end->rd && !end->finished && !end->ready;
}

/* Only heads are waited for; one whose head is done is ready. */
static size_t find_ready(struct async_hub *hub, HANDLE *events)
{
	size_t n = 0;

	for (struct async_end *end = hub->all; end; end = end->next) {
		struct async_op *head = ipc_async_head(&end->in);

		if (!receives(end))
			continue;
		if (ipc_async_is_done(hub, head))
			ipc_async_make_ready(hub, end);
		else
			events[n++] = head->ov.hEvent;
	}
	return n;
}

static enum ipc_rc look(struct async_hub *hub, bool patient)
{
	HANDLE events[MAXIMUM_WAIT_OBJECTS];
	size_t n = find_ready(hub, events);

	while (patient && !hub->ready_first) {
		hub->base.waits++;
		if (WaitForMultipleObjects((DWORD)n, events, FALSE, INFINITE) ==
		    WAIT_FAILED)
			return wait_failed(hub, "WaitForMultipleObjects");
		n = find_ready(hub, events);
	}
	return IPC_OK;
}

static const struct async_style style = {
	.engine = &ipc_engine_overlapped,
	.look = look,
	.await = await,
};

static enum ipc_rc overlapped_open(const struct ipc_opts *opts, unsigned ends,
				   struct ipc_hub **out, struct ipc_err *err)
{
	struct async_hub *hub;
	enum ipc_rc rc = ipc_async_open(&style, opts, ends, &hub, err);

	if (rc)
		return rc;
	hub->events = true;
	*out = &hub->base;
	return IPC_OK;
}

const struct ipc_engine ipc_engine_overlapped = {
	.name = "overlapped",
	.summary = "overlapped reads and writes, an event for each",
	IPC_ASYNC_ENGINE,
	.ends_max = MAXIMUM_WAIT_OBJECTS,
	.sends = "WriteFile(OVERLAPPED)",
	.receives = "ReadFile(OVERLAPPED)",
	.knobs = IPC_ASYNC_KNOBS,
	.open = overlapped_open,
};
