/*
 * Receiving with one read in flight, in place, or with several, whose pieces
 * meet in a stage when a message does not lie in one of them.
 *
 * An end that is not in the hub's list of ready ones has a read in flight.
 */
#include <string.h>

#include "ipc/windows/async.h"

#define NOTHING INT64_MIN /* no whole message yet; a read is in flight */

static enum ipc_rc make_ring(struct async_hub *hub, struct async_end *end,
			     size_t depth, struct ipc_err *err)
{
	const struct ipc_opts *opts = &hub->opts;
	struct async_ring *in = &end->in;

	end->head_cap = end->size;
	if (!end->message && opts->read_size)
		end->head_cap = opts->read_size < end->size
					? (size_t)opts->read_size
					: ipc_inbox_cap(end->size,
							opts->read_size);
	if (end->message && opts->read_buffer && opts->read_buffer < end->size)
		end->head_cap = (size_t)opts->read_buffer;
	in->buffers = ipc_slots(opts, depth);
	if (in->buffers < depth)
		in->buffers = depth;
	in->stride = ipc_slot_stride(end->head_cap);
	if (in->buffers > SIZE_MAX / in->stride)
		return ipc_refuse(err, IPC_NOMEM, "slots",
				  "more than memory holds");
	in->base = ipc_pages_alloc(in->buffers * in->stride, err);
	end->stage = in->base ? ipc_pages_alloc(end->size, err) : NULL;
	return end->stage ? IPC_OK : IPC_NOMEM;
}

enum ipc_rc ipc_async_make_in(struct async_hub *hub, struct async_end *end,
			      struct ipc_err *err)
{
	const struct ipc_opts *opts = &hub->opts;
	size_t depth = (size_t)opts->depth;
	enum ipc_rc rc = ipc_async_make_ring(&end->in, hub, end, false, depth,
					     err);

	if (rc)
		return rc;
	if (depth > 1)
		return make_ring(hub, end, depth, err);
	end->head_cap = end->size;
	if (end->message && opts->read_buffer && opts->read_buffer < end->size)
		end->head_cap = (size_t)opts->read_buffer;
	return ipc_inbox_make(&end->box, end->size,
			      end->message ? 0 : opts->read_size,
			      ipc_slots(opts, 1), err)
		       ? IPC_OK : IPC_NOMEM;
}

/* ---- the last word ---- */

static int64_t failed(struct async_end *end, const struct async_op *op,
		      bool torn)
{
	if (ipc_os_class(IPC_WAY_READ, op->code) != IPC_EOF)
		return ipc_fail_io(&end->base.err, IPC_WAY_READ, op->code,
				   "ReadFile", end->base.link.name);
	return ipc_refuse(&end->base.err, torn ? IPC_GONE : IPC_EOF, "ReadFile",
			  torn ? "the peer closed in the middle of a message"
			       : "the peer closed between two messages");
}

static int64_t too_long(struct async_end *end)
{
	return ipc_refusef(&end->base.err, IPC_CORRUPT, "ReadFile",
			   "a message of more than %zu bytes", end->size);
}

/* ---- one read in flight ---- */

static void issue(struct async_hub *hub, struct async_end *end,
		  struct async_op *op, char *at, size_t bytes)
{
	struct ipc_tally *in = &end->base.in;
	uint64_t in_flight = end->in.issue - end->in.take;

	in->calls++;
	if (in_flight > in->in_flight_max)
		in->in_flight_max = in_flight;
	ipc_async_start(hub, op, at, bytes);
}

/* A message is put together where its first piece went. */
static void issue_single(struct async_hub *hub, struct async_end *end,
			 struct async_op *op)
{
	uint64_t *copied = &end->base.in.copied_bytes;
	size_t room;
	void *at;

	end->in.issue = end->in.take + 1;
	if (!end->message) {
		room = ipc_inbox_room(&end->box, end->base.want, &at, copied);
		issue(hub, end, op, at, room);
		return;
	}
	if (!end->staged) {
		end->box.off = end->box.have; /* the loan is over */
		ipc_inbox_room(&end->box, end->size, &at, copied);
		end->stage = at;
	}
	room = end->size - end->staged;
	issue(hub, end, op, end->stage + end->staged,
	      room < end->head_cap ? room : end->head_cap);
}

/* Of a whole message, NOTHING if there is more of it, or a last word. */
static int64_t take_piece(struct async_end *end, const struct async_op *op,
			  const void **data)
{
	int64_t len;

	if (op->code && op->code != ERROR_MORE_DATA)
		return failed(end, op, end->staged > 0);
	end->staged += op->got;
	if (op->code) {
		end->base.in.partials++;
		return end->staged < end->size ? NOTHING : too_long(end);
	}
	len = (int64_t)end->staged;
	end->staged = 0;
	end->box.have = end->box.cap; /* so that the slot turns */
	*data = end->stage;
	return len;
}

static int64_t take_single(struct async_hub *hub, struct async_end *end,
			   const void **data)
{
	struct async_op *op = &end->in.ops[0];
	int64_t len;

	for (;;) {
		if (!end->message) {
			*data = ipc_inbox_take(&end->box, end->base.want);
			if (*data)
				return (int64_t)end->base.want;
		}
		if (op->state == ASYNC_FREE)
			issue_single(hub, end, op);
		if (!ipc_async_is_done(hub, op))
			return NOTHING;
		op->state = ASYNC_FREE;
		end->in.take = end->in.issue;
		end->base.in.ops++;
		if (end->message) {
			len = take_piece(end, op, data);
			if (len != NOTHING)
				return len;
		} else if (op->code) {
			return failed(end, op, ipc_inbox_torn(&end->box));
		} else {
			end->base.in.partials += op->got < op->asked &&
						 !end->box.ask;
			ipc_inbox_fed(&end->box, op->got);
		}
	}
}

/* ---- several reads in flight ---- */

/* After the first failure every further read would fail as well. */
static void arm(struct async_hub *hub, struct async_end *end)
{
	struct async_ring *in = &end->in;

	while (!end->failing && in->issue - in->take < in->depth) {
		struct async_op *op = &in->ops[in->issue % in->depth];
		char *at = in->base + in->issue % in->buffers * in->stride;

		in->issue++;
		issue(hub, end, op, at, end->head_cap);
		end->failing = op->state == ASYNC_DONE && op->code &&
			       op->code != ERROR_MORE_DATA;
	}
}

static void advance(struct async_end *end)
{
	ipc_async_head(&end->in)->state = ASYNC_FREE;
	end->in.take++;
	end->head_off = 0;
}

static void to_stage(struct async_end *end, const char *from, size_t bytes)
{
	memcpy(end->stage + end->staged, from, bytes);
	end->staged += bytes;
	end->base.in.copied_bytes += bytes;
}

/* The head's bytes, in place if all of the message is there. */
static int64_t take_bytes(struct async_end *end, const struct async_op *op,
			  const void **data)
{
	size_t want = end->base.want, left = op->got - end->head_off;

	if (!end->staged && left >= want) {
		*data = op->buf + end->head_off;
		end->head_off += want;
		return (int64_t)want;
	}
	if (left > want - end->staged)
		left = want - end->staged;
	to_stage(end, op->buf + end->head_off, left);
	end->head_off += left;
	if (end->head_off == op->got) {
		end->base.in.partials += op->got < op->asked;
		advance(end);
	}
	if (end->staged < want)
		return NOTHING;
	end->staged = 0;
	*data = end->stage;
	return (int64_t)want;
}

/* head_off 1: the head was lent; head_off never counts bytes here. */
static int64_t take_message(struct async_end *end, const struct async_op *op,
			    const void **data)
{
	int64_t len;

	if (end->head_off) {
		advance(end);
		return NOTHING;
	}
	if (!op->code && !end->staged) {
		end->head_off = 1;
		*data = op->buf;
		return op->got;
	}
	if (op->got > end->size - end->staged)
		return too_long(end);
	to_stage(end, op->buf, op->got);
	end->base.in.partials += op->code != 0;
	len = op->code ? NOTHING : (int64_t)end->staged;
	advance(end);
	if (len == NOTHING)
		return end->staged < end->size ? NOTHING : too_long(end);
	end->staged = 0;
	*data = end->stage;
	return len;
}

static int64_t take_ring(struct async_hub *hub, struct async_end *end,
			 const void **data)
{
	for (;;) {
		struct async_op *op;
		int64_t len;

		arm(hub, end);
		op = ipc_async_head(&end->in);
		if (!ipc_async_is_done(hub, op))
			return NOTHING;
		if (op->code && op->code != ERROR_MORE_DATA) {
			end->failing = true;
			return failed(end, op, end->staged > 0);
		}
		/* at first sight: those in flight at the end bring nothing */
		end->base.in.ops += !end->head_off;
		len = end->message ? take_message(end, op, data)
				   : take_bytes(end, op, data);
		if (len != NOTHING)
			return len;
	}
}

/* ---- the hub ---- */

static void drop_first(struct async_hub *hub)
{
	struct async_end *end = hub->ready_first;

	hub->ready_first = end->next_ready;
	if (!hub->ready_first)
		hub->ready_last = &hub->ready_first;
	end->ready = false;
}

/* Its turn is over: behind those that have become ready meanwhile. */
static void rotate(struct async_hub *hub, struct async_end *end)
{
	drop_first(hub);
	hub->style->look(hub, false);
	ipc_async_make_ready(hub, end);
}

static int64_t hub_failed(struct async_hub *hub, struct ipc_end **from)
{
	*from = NULL;
	if (hub->live)
		return hub->base.err.rc;
	return ipc_refuse(&hub->base.err, IPC_INVALID, "next",
			  "no end is left to receive from");
}

/*
 * The loan of the call before ends when its end is looked at again, and its
 * buffer is read into from then on.
 */
int64_t ipc_async_next(struct ipc_hub *base, struct ipc_end **from,
		       const void **data)
{
	struct async_hub *hub = (struct async_hub *)base;
	struct async_end *end;
	int64_t len;

	for (;;) {
		end = hub->ready_first;
		if (!end) {
			if (hub->holders)
				ipc_async_push_all(hub);
			if (!hub->live || hub->style->look(hub, true))
				return hub_failed(hub, from);
			continue;
		}
		len = hub->opts.depth > 1 ? take_ring(hub, end, data)
					  : take_single(hub, end, data);
		if (len == NOTHING) {
			drop_first(hub);
			continue;
		}
		*from = &end->base;
		if (len >= 0)
			break;
		drop_first(hub);
		end->finished = true;
		hub->live--;
		return len;
	}
	end->base.in.messages++;
	if (hub->live > 1 && ++end->turns >= hub->opts.batch)
		rotate(hub, end);
	return len;
}
