/* Sending: one chain of linked writes in flight, started again at its hole. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/linux/uring.h"

/* A write of so much to a socket is never cut: the smallest buffer holds it. */
enum { SOCKET_WHOLE = 2048 };

size_t uring_limit(const struct ipc_opts *opts, bool message)
{
	size_t gather = message ? 0 : (size_t)opts->collect / opts->size;

	if (gather > IOV_MAX)
		gather = IOV_MAX;
	return (size_t)opts->depth * (gather ? gather : 1);
}

enum ipc_rc uring_make_out(struct uring_end *end, struct ipc_err *err)
{
	const struct ipc_opts *opts = &uring_hub_of(end)->opts;

	end->limit = uring_limit(opts, end->fd.message);
	end->gather = end->fd.message ? 0 : (size_t)opts->collect;
	end->length = calloc(end->fd.out_slots, sizeof(*end->length));
	end->ops = calloc((size_t)opts->depth, sizeof(*end->ops));
	if (end->gather)
		end->parts = calloc(end->limit, sizeof(*end->parts));
	if (!end->length || !end->ops || (end->gather && !end->parts))
		return ipc_refuse(err, IPC_NOMEM, "calloc", "depth");
	return IPC_OK;
}

void uring_drop_out(struct uring_end *end)
{
	free(end->length);
	free(end->ops);
	free(end->parts);
}

static char *message_at(const struct uring_end *end, uint64_t number)
{
	return end->fd.out + number % end->fd.out_slots * end->fd.out_stride;
}

static size_t length_of(const struct uring_end *end, uint64_t number)
{
	return end->length[number % end->fd.out_slots];
}

/* The chain. */

/* Messages that go into one write, from number on; parts gets the pieces. */
static unsigned gather(const struct uring_end *end, uint64_t number,
		       size_t skip, struct iovec *parts, struct uring_op *op)
{
	unsigned count = 0;

	op->bytes = op->messages = 0;
	do {
		char *from = message_at(end, number) + skip;
		size_t len = length_of(end, number) - skip;
		struct iovec *last = parts + count - 1;

		if (op->messages && op->bytes + len > end->gather)
			break;
		if (count && (char *)last->iov_base + last->iov_len == from) {
			last->iov_len += len;
		} else {
			parts[count].iov_base = from;
			parts[count++].iov_len = len;
		}
		op->bytes += len;
		op->messages++;
		number++;
		skip = 0;
	} while (end->gather && number < end->lent && count < IOV_MAX);
	return count;
}

static struct io_uring_sqe *prepare(struct uring_end *end, unsigned number,
				    struct iovec *parts, unsigned count)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring_hub_of(end)->ring);
	int fd = end->fd.wr;

	if (count > 1)
		io_uring_prep_writev(sqe, fd, parts, count, (uint64_t)-1);
	else if (!parts->iov_len) /* a write of 0 bytes sends nothing */
		io_uring_prep_send(sqe, fd, "", 0, MSG_NOSIGNAL);
	else if (end->buffer_fixed)
		io_uring_prep_write_fixed(sqe, fd, parts->iov_base,
					  (unsigned)parts->iov_len,
					  (uint64_t)-1, (int)end->index * 2);
	else
		io_uring_prep_write(sqe, fd, parts->iov_base,
				    (unsigned)parts->iov_len, (uint64_t)-1);
	uring_label(end, sqe, URING_WRITE, number);
	sqe->flags |= IOSQE_IO_LINK; /* taken from the last one */
	return sqe;
}

/* Can it be cut by a full pipe?  Then somebody has to start the rest. */
static bool can_be_cut(const struct uring_end *end, size_t bytes)
{
	return !end->fd.message &&
	       bytes > (end->fd.socket ? SOCKET_WHOLE : PIPE_BUF);
}

/* All that is held becomes a chain; in the ring, not in the kernel yet. */
static enum ipc_rc start_chain(struct uring_end *end)
{
	struct uring_hub *hub = uring_hub_of(end);
	struct ipc_tally *out = &end->fd.base.out;
	unsigned depth = (unsigned)hub->opts.depth, parts = 0, count = 0;
	struct io_uring_sqe *sqe = NULL;
	enum ipc_rc rc;

	uring_unlist(end, URING_HELD);
	if (end->in_flight || end->chained == end->lent || end->lost)
		return end->lost;
	rc = uring_make_room(hub, depth);
	if (rc)
		return rc;
	end->may_cut = false;
	while (end->chained < end->lent && count < depth) {
		struct iovec one = { NULL, 0 };
		struct iovec *at = end->parts ? end->parts + parts : &one;
		struct uring_op *op = &end->ops[count];
		size_t skip = end->chained == end->done ? end->part : 0;
		unsigned pieces = gather(end, end->chained, skip, at, op);

		sqe = prepare(end, count++, at, pieces);
		parts += pieces;
		end->chained += op->messages;
		end->may_cut |= can_be_cut(end, op->bytes);
	}
	sqe->flags &= (uint8_t)~IOSQE_IO_LINK;
	end->op_count = end->in_flight = count;
	end->hole = end->cut = false;
	end->groups = end->group_bytes = end->group_messages = 0;
	out->ops += count;
	if (out->in_flight_max < count)
		out->in_flight_max = count;
	return IPC_OK;
}

enum ipc_rc uring_start_held(struct uring_hub *hub)
{
	enum ipc_rc rc;

	while (hub->list[URING_HELD].first) {
		struct uring_end *end = hub->list[URING_HELD].first;

		rc = start_chain(end);
		if (rc && rc != end->lost)
			return rc; /* an end keeps its own failure */
	}
	return IPC_OK;
}

/* Completions. */

static void advance(struct uring_end *end, size_t bytes)
{
	while (bytes) {
		size_t rest = length_of(end, end->done) - end->part;

		if (bytes < rest) {
			end->part += bytes;
			return;
		}
		bytes -= rest;
		end->done++;
		end->part = 0;
	}
}

static void cut(struct uring_end *end, unsigned op, int result)
{
	struct ipc_tally *out = &end->fd.base.out;
	bool first = !end->cut;

	end->cut = true;
	if (result == -ECANCELED)
		return;
	if (!first) /* never seen: then there is no order to rely on */
		end->lost = ipc_refuse(&end->send_err, IPC_CORRUPT, "io_uring",
				       "a link ran though the one before it "
				       "had failed");
	else if (result >= 0)
		advance(end, (size_t)result);
	else if (result != -EAGAIN && result != -EINTR)
		end->lost = ipc_fail_io(&end->send_err, IPC_WAY_WRITE,
					(uint32_t)-result, "io_uring write",
					end->fd.base.link.name);
	out->partials += result >= 0;
	out->retries += result < 0 || op + 1 < end->op_count;
}

static void chain_over(struct uring_end *end)
{
	if (end->lost) {
		end->done = end->chained = end->lent;
		end->part = 0;
		return;
	}
	end->hole = end->chained != end->done;
	end->chained = end->done;
	if (end->chained != end->lent && !end->leaving)
		uring_list(end, URING_HELD);
}

void uring_sent(struct uring_end *end, unsigned op, int result)
{
	const struct uring_op *o = &end->ops[op];

	if (!end->cut && result == (int)o->bytes) {
		end->done += o->messages;
		end->part = 0;
	} else {
		cut(end, op, result);
	}
	if (!--end->in_flight)
		chain_over(end);
}

/* The contract. */

static enum ipc_rc send_failed(struct uring_end *end, enum ipc_rc rc)
{
	end->fd.base.err = end->lost ? end->send_err
				     : uring_hub_of(end)->base.err;
	return rc;
}

/* One call for the whole chain, where nothing else can happen meanwhile. */
static enum ipc_rc wait_for_chain(struct uring_end *end)
{
	struct uring_hub *hub = uring_hub_of(end);

	if (uring_reap(hub))
		return IPC_OK;
	if (!end->in_flight) {
		enum ipc_rc rc = start_chain(end);

		if (rc)
			return rc;
	}
	return uring_wait(hub, uring_sends_only(hub, end) && end->in_flight
				       ? end->in_flight : 1);
}

void *uring_reserve(struct ipc_end *base)
{
	struct uring_end *end = (struct uring_end *)base;
	enum ipc_rc rc = IPC_OK;

	if (!end->fd.out)
		return fd_reserve(base);
	while (end->lent - end->done >= end->limit && !end->lost && !rc)
		rc = wait_for_chain(end);
	rc = end->lost ? end->lost : rc;
	if (rc) {
		send_failed(end, rc);
		return NULL;
	}
	return message_at(end, end->lent);
}

/* Count what a write will hold, so that batch counts writes. */
static void count_group(struct uring_end *end, size_t len)
{
	end->group_bytes += len;
	end->group_messages++;
	if (end->group_bytes + end->fd.size <= end->gather &&
	    end->group_messages < IOV_MAX)
		return;
	end->groups++;
	end->group_bytes = end->group_messages = 0;
}

/* Enough is together: it goes now, if no chain is before it. */
static enum ipc_rc go(struct uring_end *end)
{
	struct uring_hub *hub = uring_hub_of(end);
	enum ipc_rc rc;

	if (end->in_flight)
		uring_reap(hub);
	if (end->in_flight)
		return IPC_OK;
	/* full: the call that has to wait hands it over, and runs the chain */
	if (hub->defer && end->lent - end->done >= end->limit)
		return IPC_OK;
	rc = start_chain(end);
	if (!rc && io_uring_sq_ready(&hub->ring)) {
		end->fd.base.out.calls++;
		rc = uring_submit(hub);
		uring_reap(hub);
	}
	return rc;
}

/*
 * All of it goes, and needs no further call: what could be cut, what waits
 * behind a chain and, in a ring that does nothing by itself, everything is
 * awaited.
 */
static enum ipc_rc release(struct uring_end *end)
{
	struct uring_hub *hub = uring_hub_of(end);
	enum ipc_rc rc = go(end);

	while (!rc && !end->lost && end->done != end->lent &&
	       (hub->defer || end->may_cut || end->chained != end->lent))
		rc = wait_for_chain(end);
	return end->lost ? end->lost : rc;
}

enum ipc_rc uring_commit(struct ipc_end *base, size_t len, unsigned flags)
{
	struct uring_end *end = (struct uring_end *)base;
	enum ipc_rc rc = IPC_OK;

	if (len > end->fd.size || (!len && !end->fd.empties))
		return fd_refuse_length(&end->fd, len);
	if (end->lost)
		return send_failed(end, end->lost);
	end->length[end->lent++ % end->fd.out_slots] = len;
	base->out.messages++;
	count_group(end, len);
	uring_list(end, URING_HELD);
	if (!(flags & IPC_MORE))
		rc = release(end);
	else if (end->groups >= uring_hub_of(end)->opts.batch || end->hole)
		rc = go(end);
	rc = end->lost ? end->lost : rc;
	return rc ? send_failed(end, rc) : IPC_OK;
}

enum ipc_rc uring_push(struct ipc_end *base)
{
	struct uring_end *end = (struct uring_end *)base;
	enum ipc_rc rc = release(end);

	return rc ? send_failed(end, rc) : IPC_OK;
}

enum ipc_rc uring_flush(struct ipc_end *base)
{
	struct uring_end *end = (struct uring_end *)base;
	enum ipc_rc rc = IPC_OK;

	while (!rc && !end->lost && end->done != end->lent)
		rc = wait_for_chain(end);
	rc = end->lost ? end->lost : rc;
	return rc ? send_failed(end, rc) : IPC_OK;
}
