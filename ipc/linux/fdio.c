#include "ipc/linux/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/linux/direct.h"

/* Attach and detach. */

static enum ipc_rc make_out(struct fd_end *end, const struct ipc_opts *opts,
			    struct ipc_err *err)
{
	size_t gather = opts->collect / opts->size;
	size_t bytes;

	end->collect = end->message ? 0 : (size_t)opts->collect;
	end->out_slots = ipc_slots(opts, 1);
	if (end->collect && end->out_slots < gather)
		end->out_slots = gather;
	end->out_stride = ipc_slot_stride(end->size);
	if (end->out_slots > SIZE_MAX / end->out_stride)
		return ipc_refuse(err, IPC_NOMEM, "slots",
				  "more than memory holds");
	bytes = end->out_stride * end->out_slots;
	end->out = end->lent = ipc_pages_alloc(bytes, err);
	if (!end->out)
		return IPC_NOMEM;
	if (!end->collect)
		return IPC_OK;
	end->held = calloc(end->out_slots < IOV_MAX ? end->out_slots : IOV_MAX,
			   sizeof(*end->held));
	if (!end->held)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "collect");
	return IPC_OK;
}

/*
 * A packet longer than the read is cut without a word, so one byte more than
 * the largest message is asked for: then one that is too long is seen.  recv
 * on a socket tells by itself.
 */
static size_t read_room(const struct fd_end *end)
{
	bool silent = end->socket ? end->mode == FD_RING
				  : end->size < PIPE_BUF;

	return end->message && silent ? end->size + 1 : end->size;
}

static enum ipc_rc make_in(struct fd_end *end, const struct ipc_opts *opts,
			   struct ipc_err *err)
{
	int on = 1;

	if (end->empties &&
	    setsockopt(end->rd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return ipc_fail(err, "setsockopt(SO_PASSCRED)",
				end->base.link.name);
	if (!ipc_inbox_make(&end->in, read_room(end),
			    end->message ? 0 : opts->read_size,
			    ipc_slots(opts, 1), err))
		return IPC_NOMEM;
	return IPC_OK;
}

static enum ipc_rc set_flags(struct fd_end *end, struct ipc_err *err)
{
	bool nonblock = end->mode != FD_BLOCKING;
	enum ipc_rc rc = IPC_OK;

	if (end->wr >= 0)
		rc = lx_nonblock(end->wr, nonblock, &end->wr_flags, err);
	if (!rc && end->rd >= 0 && end->rd != end->wr)
		rc = lx_nonblock(end->rd, nonblock, &end->rd_flags, err);
	return rc;
}

/* Others may share the open file behind an inherited descriptor. */
static void restore_flags(const struct fd_end *end)
{
	if (end->wr_flags >= 0)
		fcntl(end->wr, F_SETFL, end->wr_flags);
	if (end->rd_flags >= 0)
		fcntl(end->rd, F_SETFL, end->rd_flags);
}

static void drop_memory(struct fd_end *end)
{
	restore_flags(end);
	ipc_pages_free(end->out, end->out_stride * end->out_slots);
	ipc_inbox_free(&end->in);
	free(end->held);
}

enum ipc_rc fd_end_make(struct fd_end *end, struct ipc_hub *hub,
			const struct ipc_opts *opts, enum fd_mode mode,
			struct ipc_link *link, void *user, struct ipc_err *err)
{
	int any = (int)(link->rd == IPC_NO_HANDLE ? link->wr : link->rd);
	enum ipc_rc rc = IPC_OK;
	struct stat is;

	memset(end, 0, sizeof(*end));
	end->rd = (int)link->rd;
	end->wr = (int)link->wr;
	end->rd_flags = end->wr_flags = -1;
	end->mode = mode;
	end->poll_ns = opts->poll;
	if (fstat(any, &is) < 0)
		return ipc_fail(err, "fstat", link->name);
	signal(SIGPIPE, SIG_IGN); /* a lost peer is an error code */
	end->socket = S_ISSOCK(is.st_mode);
	end->message = (link->caps & IPC_CAP_MESSAGE) != 0;
	end->empties = opts->empties && link->caps & IPC_CAP_EMPTY;
	end->size = opts->size;
	if (end->wr >= 0)
		rc = make_out(end, opts, err);
	if (!rc && end->rd >= 0)
		rc = make_in(end, opts, err);
	if (!rc)
		rc = set_flags(end, err);
	if (rc) {
		drop_memory(end);
		return rc;
	}
	end->base.hub = hub;
	end->base.user = user;
	end->base.want = end->size;
	end->base.link = *link;
	*link = (struct ipc_link)IPC_LINK_INIT;
	end->whole = end->rd >= 0 && !end->message && !end->in.ask &&
		     end->in.slots == 1 && !end->collect;
	if (end->wr >= 0 && !end->collect && end->out_slots == 1)
		end->whole_max = end->size;
	return IPC_OK;
}

void fd_end_drop(struct fd_end *end)
{
	drop_memory(end);
	ipc_link_close(&end->base.link);
}

void fd_idle(struct fd_end *end, int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };

	if (end->before_wait)
		end->before_wait(end);
	if (end->mode != FD_NOWAIT) /* blocking: somebody set O_NONBLOCK */
		poll(&ready, 1, -1);
	else if (end->poll_ns == IPC_POLL_YIELD)
		sched_yield();
	else if (end->poll_ns != IPC_POLL_SPIN)
		ipc_sleep_ns(end->poll_ns);
}

/* Sending. */

static enum ipc_rc write_failed(struct fd_end *end, const char *op)
{
	return ipc_fail_io(&end->base.err, IPC_WAY_WRITE, (uint32_t)errno, op,
			   end->base.link.name);
}

/* True if the call is to be made again. */
static bool try_again(struct fd_end *end)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	end->base.out.retries++;
	fd_idle(end, end->wr, POLLOUT);
	return true;
}

/* After a direct_write of len bytes that has returned `sent`. */
static __attribute__((noinline)) enum ipc_rc write_rest(struct fd_end *end, const char *from,
				       size_t len, ssize_t sent)
{
	struct ipc_tally *out = &end->base.out;

	for (;;) {
		out->calls++;
		if (sent == (ssize_t)len)
			return IPC_OK;
		if (sent < 0) {
			errno = (int)-sent;
			if (!try_again(end))
				return write_failed(end, "write");
		} else {
			/* a byte link: interrupted, or O_NONBLOCK and full */
			out->partials++;
			out->ops++;
			from += sent;
			len -= (size_t)sent;
		}
		sent = direct_write(end->wr, from, len);
	}
}

static enum ipc_rc write_all(struct fd_end *end, const char *from, size_t len)
{
	end->base.out.ops++;
	return write_rest(end, from, len, direct_write(end->wr, from, len));
}

/* write does not do it on a socket */
static enum ipc_rc send_empty(struct fd_end *end)
{
	end->base.out.ops++;
	for (;;) {
		end->base.out.calls++;
		if (send(end->wr, "", 0, MSG_NOSIGNAL) == 0)
			return IPC_OK;
		if (!try_again(end))
			return write_failed(end, "send");
	}
}

/* sent bytes of the parts from first on are done; returns the new first. */
static size_t skip_parts(struct iovec *parts, size_t first, size_t sent)
{
	while (sent && sent >= parts[first].iov_len)
		sent -= parts[first++].iov_len;
	if (sent) {
		parts[first].iov_base = (char *)parts[first].iov_base + sent;
		parts[first].iov_len -= sent;
	}
	return first;
}

enum ipc_rc fd_push(struct ipc_end *base)
{
	struct fd_end *end = (struct fd_end *)base;
	size_t first = 0, left = end->held_bytes;
	size_t parts = end->held_parts;

	end->held_parts = end->held_messages = end->held_bytes = 0;
	while (left) {
		ssize_t sent = writev(end->wr, end->held + first,
				      (int)(parts - first));

		base->out.calls++;
		if (sent < 0 && !try_again(end))
			return end->lost = write_failed(end, "writev");
		if (sent < 0)
			continue;
		base->out.ops++;
		base->out.partials += (size_t)sent != left;
		first = skip_parts(end->held, first, (size_t)sent);
		left -= (size_t)sent;
	}
	return end->lost;
}

/* One more message for the next gathered write. */
static void hold(struct fd_end *end, char *message, size_t len)
{
	struct iovec *last = end->held + end->held_parts - 1;

	end->held_messages++;
	end->held_bytes += len;
	if (end->held_parts &&
	    (char *)last->iov_base + last->iov_len == message) {
		last->iov_len += len;
		return;
	}
	end->held[end->held_parts].iov_base = message;
	end->held[end->held_parts].iov_len = len;
	end->held_parts++;
}

static enum ipc_rc commit_held(struct fd_end *end, char *message, size_t len,
			       unsigned flags)
{
	hold(end, message, len);
	if (flags & IPC_MORE && end->held_bytes + end->size <= end->collect &&
	    end->held_messages < end->out_slots && end->held_messages < IOV_MAX)
		return IPC_OK;
	return fd_push(&end->base);
}

static __attribute__((noinline)) void *refuse_to_send(struct ipc_end *base)
{
	ipc_refuse(&base->err, IPC_INVALID, "reserve",
		   "nothing is sent on this side");
	return NULL;
}

__attribute__((hot)) void *fd_reserve(struct ipc_end *base)
{
	char *lent = ((struct fd_end *)base)->lent;

	return lent ? lent : refuse_to_send(base);
}

enum ipc_rc fd_refuse_length(struct fd_end *end, size_t len)
{
	return ipc_refusef(&end->base.err, IPC_INVALID, "commit",
			   "%zu bytes are no message here: 1 to %zu", len,
			   end->size);
}

static __attribute__((noinline)) enum ipc_rc commit_any(struct fd_end *end, size_t len,
				       unsigned flags)
{
	char *message = end->lent;

	if (len > end->size || (!len && !end->empties))
		return fd_refuse_length(end, len);
	end->base.out.messages++;
	if (++end->out_slot == end->out_slots)
		end->out_slot = 0;
	end->lent = end->out + end->out_slot * end->out_stride;
	if (end->collect)
		return commit_held(end, message, len, flags);
	return len ? write_all(end, message, len) : send_empty(end);
}

/*
 * A program that has waited finds neither its code in the caches nor its
 * branches predicted: few and straight lines from call to call are worth
 * 30 ns a message.  So the usual case comes first, alone and without a frame
 * (what is rare is a tail call), here and in next.
 */
__attribute__((hot)) enum ipc_rc
fd_commit(struct ipc_end *base, size_t len, unsigned flags)
{
	struct fd_end *end = (struct fd_end *)base;
	ssize_t sent;

	if (__builtin_expect(len - 1 >= end->whole_max, 0)) /* 0 is none */
		return commit_any(end, len, flags);
	base->out.messages++;
	base->out.ops++;
	sent = direct_write(end->wr, end->lent, len);
	if (__builtin_expect(sent != (ssize_t)len, 0))
		return write_rest(end, end->lent, len, sent);
	base->out.calls++;
	return IPC_OK;
}

/* Receiving. */

static enum ipc_rc last_word(struct fd_end *end, enum ipc_rc rc)
{
	end->finished = true;
	end->whole = false;
	return rc;
}

enum ipc_rc fd_end_of_stream(struct fd_end *end)
{
	enum ipc_rc rc = IPC_EOF;
	const char *why = "the peer closed between two messages";

	if (!end->message && ipc_inbox_torn(&end->in)) {
		rc = IPC_GONE;
		why = "the peer closed in the middle of a message";
	} else if (end->reset) {
		rc = IPC_GONE;
		why = "the peer closed with something unread";
	}
	return last_word(end, ipc_refuse(&end->base.err, rc, "read", why));
}

/*
 * A reset can be reported before the data that came first, and once only: it
 * is remembered until the end.
 */
enum ipc_rc fd_read_failed(struct fd_end *end, const char *op)
{
	if (errno == EINTR)
		return IPC_OK;
	if (errno == EAGAIN) {
		end->base.in.retries++;
		return IPC_TIMEOUT;
	}
	if (errno == ECONNRESET && !end->reset) {
		end->reset = true;
		return IPC_OK;
	}
	return last_word(end, ipc_fail_io(&end->base.err, IPC_WAY_READ,
					  (uint32_t)errno, op,
					  end->base.link.name));
}

enum ipc_rc fd_read_rest(struct fd_end *end, size_t ask, ssize_t got)
{
	struct ipc_tally *in = &end->base.in;

	for (;;) {
		enum ipc_rc rc;

		if (got > 0) {
			in->ops++;
			in->partials += (size_t)got < ask && !end->in.ask;
			ipc_inbox_fed(&end->in, (size_t)got);
			return IPC_OK;
		}
		if (!got)
			return fd_end_of_stream(end);
		errno = (int)-got;
		rc = fd_read_failed(end, "read");
		if (rc)
			return rc;
		in->calls++;
		got = direct_read(end->rd, end->in.buf + end->in.have, ask);
	}
}

static enum ipc_rc read_stream(struct fd_end *end)
{
	size_t ask;
	void *at;

	ask = ipc_inbox_room(&end->in, end->base.want, &at,
			     &end->base.in.copied_bytes);
	end->base.in.calls++;
	return fd_read_rest(end, ask, direct_read(end->rd, at, ask));
}

/* One message; 0 with *eof set at the end of the stream. */
static ssize_t receive(struct fd_end *end, void *at, size_t room, bool *eof)
{
	union { /* the sender's identity comes along, and tells 0 from 0 */
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = { .iov_base = at, .iov_len = room };
	struct msghdr how = { .msg_iov = &part, .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t got;

	if (!end->socket)
		got = read(end->rd, at, room);
	else if (!end->empties)
		got = recv(end->rd, at, room, MSG_TRUNC);
	else
		got = recvmsg(end->rd, &how, MSG_TRUNC);
	*eof = !got && (!end->empties || !how.msg_controllen);
	return got;
}

enum ipc_rc fd_too_long(struct fd_end *end, size_t got)
{
	return last_word(end, ipc_refusef(&end->base.err, IPC_CORRUPT, "read",
					  "a message of %zu bytes or more was "
					  "cut to %zu", got, end->size));
}

static enum ipc_rc read_message(struct fd_end *end, const void **data,
				int64_t *len)
{
	struct ipc_tally *in = &end->base.in;
	size_t room = end->in.cap;
	void *at;

	end->in.off = end->in.have; /* the one before is taken back */
	ipc_inbox_room(&end->in, room, &at, &in->copied_bytes);
	for (;;) {
		bool eof;
		ssize_t got = receive(end, at, room, &eof);
		enum ipc_rc rc;

		in->calls++;
		if (eof)
			return fd_end_of_stream(end);
		if (got >= 0) {
			in->ops++;
			if ((size_t)got > end->size)
				return fd_too_long(end, (size_t)got);
			end->in.have = room; /* so that the slot turns */
			*data = at;
			*len = got;
			return IPC_OK;
		}
		rc = fd_read_failed(end, "recv");
		if (rc)
			return rc;
	}
}

enum ipc_rc fd_read(struct fd_end *end, const void **data, int64_t *len)
{
	return end->message ? read_message(end, data, len) : read_stream(end);
}
