/*
 * Sending with several writes in flight.  Windows takes pending writes in the
 * order of the calls and none of them short, so nothing needs to be resumed.
 */
#include <string.h>

#include "ipc/windows/async.h"

/* Where the next message would lie aligned as the contract has it. */
static bool fits_in_place(const struct async_end *end)
{
	return !(end->filled % (end->size < 4096 ? 64 : 4096));
}

enum ipc_rc ipc_async_make_out(struct async_hub *hub, struct async_end *end,
			       struct ipc_err *err)
{
	const struct ipc_opts *opts = &hub->opts;
	struct async_ring *out = &end->out;
	size_t depth = (size_t)opts->depth, cap = end->size;
	enum ipc_rc rc = ipc_async_make_ring(out, hub, end, true, depth, err);

	if (rc)
		return rc;
	end->collect = end->message ? 0 : (size_t)opts->collect;
	out->buffers = ipc_slots(opts, depth);
	if (end->collect > cap) {
		out->buffers = out->buffers * cap / end->collect;
		cap = end->collect;
	}
	if (out->buffers < depth)
		out->buffers = depth; /* each write in flight has its own */
	out->stride = ipc_slot_stride(cap);
	if (out->buffers > SIZE_MAX / out->stride)
		return ipc_refuse(err, IPC_NOMEM, "slots",
				  "more than memory holds");
	out->base = ipc_pages_alloc(out->buffers * out->stride, err);
	if (!out->base)
		return IPC_NOMEM;
	if (!end->collect)
		return IPC_OK;
	end->scratch = ipc_pages_alloc(end->size, err);
	return end->scratch ? IPC_OK : IPC_NOMEM;
}

static char *buffer_of(const struct async_ring *out, uint64_t number)
{
	return out->base + number % out->buffers * out->stride;
}

/* What is done is off the ring; the first failure stays. */
static enum ipc_rc reap(struct async_hub *hub, struct async_end *end)
{
	struct async_ring *out = &end->out;

	while (out->take < out->issue) {
		struct async_op *op = ipc_async_head(out);

		if (!ipc_async_is_done(hub, op))
			break;
		out->take++;
		op->state = ASYNC_FREE;
		if (end->lost)
			continue;
		if (op->code)
			end->lost = ipc_fail_io(&end->base.err, IPC_WAY_WRITE,
						op->code, "WriteFile",
						end->base.link.name);
		else if (op->got != op->asked)
			end->lost = ipc_refusef(&end->base.err, IPC_CORRUPT,
						"WriteFile",
						"%lu of %lu bytes were taken",
						op->got, op->asked);
	}
	return end->lost;
}

/* What went wrong with the hub goes wrong for this end. */
static enum ipc_rc await(struct async_hub *hub, struct async_end *end,
			 struct async_op *op)
{
	enum ipc_rc rc;

	if (hub->holders)
		ipc_async_push_all(hub);
	rc = hub->style->await(hub, op);
	if (rc && !end->lost) {
		end->base.err = hub->base.err;
		end->lost = rc;
	}
	return end->lost;
}

/* Hand the buffer that was filled to the system. */
static void issue(struct async_hub *hub, struct async_end *end)
{
	struct async_ring *out = &end->out;
	struct ipc_tally *tally = &end->base.out;
	uint64_t in_flight = out->issue - out->take + 1;

	tally->ops++;
	tally->calls++;
	if (in_flight > tally->in_flight_max)
		tally->in_flight_max = in_flight;
	ipc_async_start(hub, &out->ops[out->issue % out->depth],
			buffer_of(out, out->issue), end->filled);
	out->issue++;
	end->filled = 0;
	if (end->holds) {
		end->holds = false;
		hub->holders--;
	}
}

void *ipc_async_reserve(struct ipc_end *base)
{
	struct async_end *end = (struct async_end *)base;
	struct async_hub *hub = (struct async_hub *)base->hub;
	struct async_ring *out = &end->out;

	if (!out->ops) {
		ipc_refuse(&base->err, IPC_INVALID, "reserve",
			   "nothing is sent on this side");
		return NULL;
	}
	if (end->lent)
		return end->lent;
	if (reap(hub, end))
		return NULL;
	while (out->issue - out->take == out->depth)
		if (await(hub, end, ipc_async_head(out)) || reap(hub, end))
			return NULL;
	end->lent = fits_in_place(end)
			    ? buffer_of(out, out->issue) + end->filled
			    : end->scratch;
	return end->lent;
}

static enum ipc_rc refuse_length(struct async_end *end, size_t len)
{
	return ipc_refusef(&end->base.err, IPC_INVALID, "commit",
			   "%zu bytes are no message here: 1 to %zu", len,
			   end->size);
}

enum ipc_rc ipc_async_commit(struct ipc_end *base, size_t len, unsigned flags)
{
	struct async_end *end = (struct async_end *)base;
	struct async_hub *hub = (struct async_hub *)base->hub;

	if (len > end->size || (!len && !end->empties))
		return refuse_length(end, len);
	if (!end->lent)
		return ipc_refuse(&base->err, IPC_INVALID, "commit",
				  "no buffer was reserved");
	if (end->lent == end->scratch) {
		memcpy(buffer_of(&end->out, end->out.issue) + end->filled,
		       end->scratch, len);
		base->out.copied_bytes += len;
	}
	end->lent = NULL;
	end->filled += len;
	base->out.messages++;
	if (flags & IPC_MORE && end->filled + end->size <= end->collect) {
		hub->holders += !end->holds;
		end->holds = true;
		return end->lost;
	}
	issue(hub, end);
	return end->lost;
}

enum ipc_rc ipc_async_push(struct ipc_end *base)
{
	struct async_end *end = (struct async_end *)base;

	if (end->holds)
		issue((struct async_hub *)base->hub, end);
	return end->lost;
}

void ipc_async_push_all(struct async_hub *hub)
{
	for (struct async_end *end = hub->all; end; end = end->next)
		ipc_async_push(&end->base);
}

enum ipc_rc ipc_async_flush(struct ipc_end *base)
{
	struct async_end *end = (struct async_end *)base;
	struct async_hub *hub = (struct async_hub *)base->hub;

	ipc_async_push(base);
	reap(hub, end);
	while (end->out.take < end->out.issue) {
		if (await(hub, end, ipc_async_head(&end->out)) &&
		    !ipc_async_is_done(hub, ipc_async_head(&end->out)))
			break; /* the hub has failed */
		reap(hub, end);
	}
	return end->lost;
}
