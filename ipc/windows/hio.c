#include "ipc/windows/hio.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

/* Attach and detach. */

static enum ipc_rc make_out(struct hio_end *end, const struct ipc_opts *opts,
			    struct ipc_err *err)
{
	size_t gather = (size_t)(opts->collect / opts->size);

	end->collect = end->message ? 0 : (size_t)opts->collect;
	end->out_slots = ipc_slots(opts, 1);
	if (end->collect && end->out_slots < gather)
		end->out_slots = gather;
	end->out_stride = ipc_slot_stride(end->size);
	if (end->out_slots > SIZE_MAX / end->out_stride)
		return ipc_refuse(err, IPC_NOMEM, "slots",
				  "more than memory holds");
	end->out = ipc_pages_alloc(end->out_stride * end->out_slots, err);
	if (!end->out)
		return IPC_NOMEM;
	if (!end->collect)
		return IPC_OK;
	end->stage_bytes = end->collect > end->size ? end->collect : end->size;
	end->stage = ipc_pages_alloc(end->stage_bytes, err);
	return end->stage ? IPC_OK : IPC_NOMEM;
}

static enum ipc_rc make_in(struct hio_end *end, const struct ipc_opts *opts,
			   struct ipc_err *err)
{
	end->foreign = !ipc_win_is_pipe(end->base.link.rd);
	end->piece = end->size;
	if (opts->read_buffer && opts->read_buffer < end->size)
		end->piece = (size_t)opts->read_buffer;
	return ipc_inbox_make(&end->in, end->size,
			      end->message ? 0 : opts->read_size,
			      ipc_slots(opts, 1), err)
		       ? IPC_OK : IPC_NOMEM;
}

/* Every call sets the read mode as well; a writer's is of no consequence. */
static bool set_wait_mode(const struct hio_end *end, HANDLE pipe, bool polls)
{
	DWORD mode = polls ? PIPE_NOWAIT : PIPE_WAIT;

	if (pipe == end->rd && end->message)
		mode |= PIPE_READMODE_MESSAGE;
	return SetNamedPipeHandleState(pipe, &mode, NULL, NULL);
}

/*
 * Not asked for where it is already so: a server that only reads was created
 * the way it is needed, and may not set it.
 */
static enum ipc_rc choose_wait_mode(struct hio_end *end, HANDLE pipe,
				    bool *changed, struct ipc_err *err)
{
	DWORD state = PIPE_WAIT; /* as it is if nobody tells */

	GetNamedPipeHandleStateW(pipe, &state, NULL, NULL, NULL, NULL, 0);
	if (!(state & PIPE_NOWAIT) == !end->polls)
		return IPC_OK;
	*changed = set_wait_mode(end, pipe, end->polls);
	return *changed ? IPC_OK
			: ipc_fail(err, "SetNamedPipeHandleState",
				   end->base.link.name);
}

/*
 * A polled write takes all of a message or none of it (documented otherwise
 * for byte pipes, but seen by everybody, and under Wine 8).
 */
static enum ipc_rc check_quota(const struct hio_end *end, struct ipc_err *err)
{
	size_t quota = ipc_win_write_quota(end->base.link.wr);

	if (!end->polls || end->size <= quota)
		return IPC_OK;
	return ipc_refusef(err, IPC_UNSUPPORTED, "nowait",
			   "messages of %zu bytes never fit into the pipe's "
			   "%zu: a larger buffer, or io = blocking", end->size,
			   quota);
}

static enum ipc_rc make_sides(struct hio_end *end, const struct ipc_opts *opts,
			      struct ipc_err *err)
{
	enum ipc_rc rc = IPC_OK;

	if (end->wr)
		rc = make_out(end, opts, err);
	if (!rc && end->wr)
		rc = check_quota(end, err);
	if (!rc && end->rd)
		rc = make_in(end, opts, err);
	if (!rc && end->wr)
		rc = choose_wait_mode(end, end->wr, &end->wr_changed, err);
	if (!rc && end->rd && end->rd != end->wr)
		rc = choose_wait_mode(end, end->rd, &end->rd_changed, err);
	return rc;
}

/* A handle that was inherited shares its wait mode with whoever gave it. */
static void release(struct hio_end *end)
{
	if (end->wr_changed)
		set_wait_mode(end, end->wr, !end->polls);
	if (end->rd_changed)
		set_wait_mode(end, end->rd, !end->polls);
	ipc_pages_free(end->out, end->out_stride * end->out_slots);
	ipc_pages_free(end->stage, end->stage_bytes);
	ipc_inbox_free(&end->in);
}

static HANDLE or_null(ipc_handle handle)
{
	return handle == IPC_NO_HANDLE ? NULL : ipc_win_handle(handle);
}

enum ipc_rc ipc_hio_make(struct hio_end *end, struct ipc_hub *hub,
			 const struct ipc_opts *opts, bool polls,
			 struct ipc_link *link, void *user, struct ipc_err *err)
{
	enum ipc_rc rc;

	memset(end, 0, sizeof(*end));
	end->base.hub = hub;
	end->base.user = user;
	end->base.want = opts->size;
	end->base.link = *link;
	end->rd = or_null(link->rd);
	end->wr = or_null(link->wr);
	end->message = (link->caps & IPC_CAP_MESSAGE) != 0;
	end->empties = opts->empties && link->caps & IPC_CAP_EMPTY;
	end->polls = polls;
	end->transacts = opts->exchange == IPC_EXCHANGE_TRANSACT &&
			 end->message && end->rd == end->wr;
	end->poll_ns = opts->poll;
	end->size = opts->size;
	rc = make_sides(end, opts, err);
	if (rc) {
		release(end);
		return rc;
	}
	*link = (struct ipc_link)IPC_LINK_INIT; /* it is the end's now */
	return IPC_OK;
}

void ipc_hio_drop(struct hio_end *end)
{
	release(end);
	ipc_link_close(&end->base.link);
}

void ipc_hio_idle(const struct hio_end *end)
{
	if (end->poll_ns == IPC_POLL_YIELD)
		ipc_yield();
	else if (end->poll_ns != IPC_POLL_SPIN)
		ipc_sleep_ns(end->poll_ns);
}

/* Sending. */

static enum ipc_rc write_failed(struct hio_end *end)
{
	return ipc_fail_io(&end->base.err, IPC_WAY_WRITE, GetLastError(),
			   "WriteFile", end->base.link.name);
}

/*
 * On a waiting pipe a write is never short.  On a polled one it takes nothing
 * or everything, or, on Windows, what a reader was already waiting for.
 */
static enum ipc_rc write_all(struct hio_end *end, const char *from, size_t len)
{
	struct ipc_tally *out = &end->base.out;
	DWORD sent;

	out->ops++;
	for (;;) {
		out->calls++;
		if (!WriteFile(end->wr, from, (DWORD)len, &sent, NULL))
			return write_failed(end);
		if (sent == len)
			return IPC_OK;
		if (!end->polls || (sent && end->message))
			return ipc_refusef(&end->base.err, IPC_CORRUPT,
					   "WriteFile",
					   "%lu of %zu bytes were taken", sent,
					   len);
		if (sent) {
			out->partials++;
			out->ops++;
			from += sent;
			len -= sent;
			continue;
		}
		out->retries++;
		ipc_hio_idle(end);
	}
}

enum ipc_rc ipc_hio_push(struct ipc_end *base)
{
	struct hio_end *end = (struct hio_end *)base;
	size_t len = end->held_bytes;
	bool holds = end->held_messages > 0;

	/* whatever comes of it: after a failure they are lost */
	end->held_bytes = end->held_messages = 0;
	return holds ? write_all(end, end->held, len) : IPC_OK;
}

/*
 * One more message for the next gathered write.  One write is one piece of
 * memory here: slots that lie side by side are, others are copied together.
 */
static void hold(struct hio_end *end, char *message, size_t len)
{
	end->held_messages++;
	if (!end->held_bytes) {
		end->held = message;
	} else if (end->held + end->held_bytes != message) {
		if (end->held != end->stage) {
			memcpy(end->stage, end->held, end->held_bytes);
			end->base.out.copied_bytes += end->held_bytes;
			end->held = end->stage;
		}
		memcpy(end->stage + end->held_bytes, message, len);
		end->base.out.copied_bytes += len;
	}
	end->held_bytes += len;
}

static enum ipc_rc commit_held(struct hio_end *end, char *message, size_t len,
			       unsigned flags)
{
	hold(end, message, len);
	if (flags & IPC_MORE && end->held_bytes + end->size <= end->collect &&
	    end->held_messages < end->out_slots)
		return IPC_OK;
	return ipc_hio_push(&end->base);
}

void *ipc_hio_reserve(struct ipc_end *base)
{
	struct hio_end *end = (struct hio_end *)base;

	if (end->transacts && ipc_hio_push(base))
		return NULL; /* a slot that is held is not lent again */
	if (end->out)
		return end->out + end->out_slot * end->out_stride;
	ipc_refuse(&base->err, IPC_INVALID, "reserve",
		   "nothing is sent on this side");
	return NULL;
}

static enum ipc_rc refuse_length(struct hio_end *end, size_t len)
{
	return ipc_refusef(&end->base.err, IPC_INVALID, "commit",
			   "%zu bytes are no message here: 1 to %zu", len,
			   end->size);
}

enum ipc_rc ipc_hio_commit(struct ipc_end *base, size_t len, unsigned flags)
{
	struct hio_end *end = (struct hio_end *)base;
	char *message = end->out + end->out_slot * end->out_stride;

	if (len > end->size || (!len && !end->empties))
		return refuse_length(end, len);
	base->out.messages++;
	if (++end->out_slot == end->out_slots)
		end->out_slot = 0;
	if (end->collect)
		return commit_held(end, message, len, flags);
	if (end->transacts && flags & IPC_MORE) {
		end->held = message;
		end->held_bytes = len;
		end->held_messages = 1;
		return IPC_OK;
	}
	return write_all(end, message, len);
}

/* Receiving. */

static enum ipc_rc last_word(struct hio_end *end, enum ipc_rc rc)
{
	end->finished = true;
	return rc;
}

static enum ipc_rc end_of_stream(struct hio_end *end, bool torn)
{
	return last_word(end, ipc_refuse(
		&end->base.err, torn ? IPC_GONE : IPC_EOF, "ReadFile",
		torn ? "the peer closed in the middle of a message"
		     : "the peer closed between two messages"));
}

/* A failed read: IPC_TIMEOUT if nothing is there yet, else the last word. */
static enum ipc_rc read_failed(struct hio_end *end, bool torn)
{
	DWORD code = GetLastError();

	/* to a polled reader 232 is "empty"; gone is 109 */
	if (code == ERROR_NO_DATA && end->polls) {
		end->base.in.retries++;
		return IPC_TIMEOUT;
	}
	if (ipc_os_class(IPC_WAY_READ, code) == IPC_EOF)
		return end_of_stream(end, torn);
	return last_word(end, ipc_fail_io(&end->base.err, IPC_WAY_READ, code,
					  "ReadFile", end->base.link.name));
}

static enum ipc_rc read_stream(struct hio_end *end)
{
	struct ipc_tally *in = &end->base.in;
	DWORD got;
	size_t ask;
	void *at;

	ask = ipc_inbox_room(&end->in, end->base.want, &at, &in->copied_bytes);
	do {
		in->calls++;
		if (!ReadFile(end->rd, at, (DWORD)ask, &got, NULL))
			return read_failed(end, ipc_inbox_torn(&end->in));
		if (!got && end->foreign)
			return end_of_stream(end, ipc_inbox_torn(&end->in));
		/* somebody has written nothing; that is no end */
	} while (!got);
	in->ops++;
	in->partials += got < ask && !end->in.ask;
	ipc_inbox_fed(&end->in, got);
	return IPC_OK;
}

/* A read, or what is held and the answer to it in one call. */
static bool exchange(struct hio_end *end, void *at, DWORD ask, DWORD *got)
{
	DWORD len = (DWORD)end->held_bytes;

	if (!end->held_messages)
		return ReadFile(end->rd, at, ask, got, NULL);
	end->held_bytes = end->held_messages = 0;
	end->base.out.ops++;
	return TransactNamedPipe(end->wr, end->held, len, at, ask, got, NULL);
}

/*
 * ERROR_MORE_DATA is a success that brought the first part; the rest stays in
 * the pipe and comes where the first part ends.
 */
static enum ipc_rc read_message(struct hio_end *end, const void **data,
				int64_t *len)
{
	struct ipc_tally *in = &end->base.in;
	size_t room = end->in.cap, have = 0;
	bool more;
	DWORD got;
	void *at;

	end->in.off = end->in.have; /* the one before is taken back */
	ipc_inbox_room(&end->in, room, &at, &in->copied_bytes);
	do {
		size_t ask = room - have < end->piece ? room - have
						      : end->piece;

		in->calls++;
		got = 0;
		more = !exchange(end, (char *)at + have, (DWORD)ask, &got);
		if (more && GetLastError() != ERROR_MORE_DATA)
			return read_failed(end, have > 0);
		in->ops++;
		in->partials += more;
		have += got;
		if (more && have == room)
			return last_word(end, ipc_refusef(
				&end->base.err, IPC_CORRUPT, "ReadFile",
				"a message of more than %zu bytes", room));
	} while (more);
	end->in.have = room; /* so that the slot turns */
	*data = at;
	*len = (int64_t)have;
	return IPC_OK;
}

enum ipc_rc ipc_hio_read(struct hio_end *end, const void **data, int64_t *len)
{
	return end->message ? read_message(end, data, len) : read_stream(end);
}
