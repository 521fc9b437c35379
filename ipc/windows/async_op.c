#include <stdlib.h>

#include "ipc/windows/async.h"

void ipc_async_make_ready(struct async_hub *hub, struct async_end *end)
{
	if (end->ready || end->finished)
		return;
	end->ready = true;
	end->turns = 0;
	end->next_ready = NULL;
	*hub->ready_last = end;
	hub->ready_last = &end->next_ready;
}

void ipc_async_noticed(struct async_hub *hub, struct async_op *op)
{
	struct async_end *end = op->end;

	if (!op->write && op == ipc_async_head(&end->in))
		ipc_async_make_ready(hub, end);
}

/* GetOverlappedResult turns the NTSTATUS into a code of this error space. */
void ipc_async_finish(struct async_op *op)
{
	op->code = GetOverlappedResult(op->file, &op->ov, &op->got, FALSE)
			   ? 0 : GetLastError();
	op->state = ASYNC_DONE;
}

/* Completions reach memory in the thread that issued the operation. */
bool ipc_async_is_done(const struct async_hub *hub, struct async_op *op)
{
	if (hub->events && op->state == ASYNC_BUSY &&
	    HasOverlappedIoCompleted(&op->ov))
		ipc_async_finish(op);
	return op->state == ASYNC_DONE;
}

static VOID CALLBACK on_completion(DWORD code, DWORD got, OVERLAPPED *ov)
{
	struct async_op *op = (struct async_op *)ov;

	op->code = code;
	op->got = got;
	op->state = ASYNC_DONE;
	ipc_async_noticed((struct async_hub *)op->end->base.hub, op);
}

static bool call(struct async_op *op, bool by_routine)
{
	OVERLAPPED *ov = &op->ov;

	if (by_routine)
		return op->write ? WriteFileEx(op->file, op->buf, op->asked, ov,
					       on_completion)
				 : ReadFileEx(op->file, op->buf, op->asked, ov,
					      on_completion);
	return op->write ? WriteFile(op->file, op->buf, op->asked, NULL, ov)
			 : ReadFile(op->file, op->buf, op->asked, NULL, ov);
}

/*
 * What to expect depends on what the call returned, and on nothing else:
 *
 *     TRUE      a packet or routine follows, but not with an event or skip
 *     FALSE 997 it follows
 *     FALSE 234 as TRUE: part of a message is here
 *     else      nothing follows
 *
 * With events, "follows" is an event that is or will be set.
 */
void ipc_async_start(struct async_hub *hub, struct async_op *op, char *buf,
		     size_t bytes)
{
	bool later = !hub->events && !hub->skip;
	DWORD code;

	op->buf = buf;
	op->asked = (DWORD)bytes;
	op->got = 0;
	op->state = ASYNC_BUSY;
	op->ov.Internal = op->ov.InternalHigh = 0;
	code = call(op, hub->style->by_routine) ? 0 : GetLastError();
	if (code == ERROR_IO_PENDING)
		return;
	if (later && (!code || code == ERROR_MORE_DATA))
		return;
	op->code = code;
	/* valid for 0 and 234, whatever the call's own count said */
	op->got = code && code != ERROR_MORE_DATA ? 0
						  : (DWORD)op->ov.InternalHigh;
	op->state = ASYNC_DONE;
}

enum ipc_rc ipc_async_make_ring(struct async_ring *ring, struct async_hub *hub,
				struct async_end *end, bool write,
				size_t depth, struct ipc_err *err)
{
	ring->ops = calloc(depth, sizeof(*ring->ops));
	if (!ring->ops)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "depth");
	ring->depth = depth;
	for (size_t i = 0; i < depth; i++) {
		struct async_op *op = &ring->ops[i];

		op->end = end;
		op->write = write;
		op->file = write ? end->wr : end->rd;
		if (!hub->events)
			continue;
		op->ov.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
		if (!op->ov.hEvent)
			return ipc_fail(err, "CreateEventW", "depth");
	}
	return IPC_OK;
}

void ipc_async_free_ring(struct async_ring *ring)
{
	for (size_t i = 0; ring->ops && i < ring->depth; i++)
		if (ring->ops[i].ov.hEvent)
			CloseHandle(ring->ops[i].ov.hEvent);
	free(ring->ops);
	ipc_pages_free(ring->base, ring->buffers * ring->stride);
}
