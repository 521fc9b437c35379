/* Receiving: one read an end, into its inbox, when nothing whole is left. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ipc/linux/uring.h"

static struct io_uring_sqe *read_entry(struct uring_end *end)
{
	struct io_uring_sqe *sqe;

	if (uring_make_room(uring_hub_of(end), 1))
		return NULL;
	sqe = io_uring_get_sqe(&uring_hub_of(end)->ring);
	end->armed = true;
	end->fd.base.in.ops++;
	if (!end->fd.base.in.in_flight_max)
		end->fd.base.in.in_flight_max = 1;
	return sqe;
}

/* Where an empty message may come: who sent it tells it from the end. */
static void prepare_message(struct uring_end *end, struct io_uring_sqe *sqe,
			    void *at, size_t room)
{
	end->where = (struct iovec){ .iov_base = at, .iov_len = room };
	end->how = (struct msghdr){ .msg_iov = &end->where, .msg_iovlen = 1,
				    .msg_control = &end->control,
				    .msg_controllen = sizeof(end->control) };
	io_uring_prep_recvmsg(sqe, end->fd.rd, &end->how, MSG_TRUNC);
}

static enum ipc_rc arm(struct uring_end *end)
{
	struct fd_end *fd = &end->fd;
	struct io_uring_sqe *sqe = read_entry(end);
	uint64_t *copied = &fd->base.in.copied_bytes;
	size_t ask = fd->base.want;
	void *at;

	if (!sqe)
		return uring_hub_of(end)->base.err.rc;
	if (fd->message) {
		ask = fd->in.cap;
		fd->in.off = fd->in.have; /* the one before is taken back */
	}
	ask = ipc_inbox_room(&fd->in, ask, &at, copied);
	if (fd->empties)
		prepare_message(end, sqe, at, ask);
	else if (end->buffer_fixed)
		io_uring_prep_read_fixed(sqe, fd->rd, at, (unsigned)ask,
					 (uint64_t)-1, (int)end->index * 2 + 1);
	else
		io_uring_prep_read(sqe, fd->rd, at, (unsigned)ask,
				   (uint64_t)-1);
	uring_label(end, sqe, URING_READ, 0);
	return IPC_OK;
}

static enum ipc_rc arm_hungry(struct uring_hub *hub)
{
	enum ipc_rc rc = IPC_OK;

	while (!rc && hub->list[URING_HUNGRY].first) {
		struct uring_end *end = hub->list[URING_HUNGRY].first;

		uring_unlist(end, URING_HUNGRY);
		rc = arm(end);
	}
	return rc;
}

static void last_word(struct uring_end *end, enum ipc_rc rc)
{
	end->last = rc;
	end->last_err = end->fd.base.err;
	uring_list(end, URING_READY);
}

static void arrived(struct uring_end *end, size_t bytes)
{
	struct fd_end *fd = &end->fd;
	struct ipc_tally *in = &fd->base.in;

	if (!fd->message) {
		in->partials += !fd->in.ask &&
				fd->in.have - fd->in.off + bytes < fd->base.want;
		ipc_inbox_fed(&fd->in, bytes);
	} else if (bytes > fd->size) {
		last_word(end, fd_too_long(fd, bytes));
		return;
	} else {
		fd->in.have = fd->in.cap; /* so that the slot turns */
		end->has_message = true;
		end->message_len = (int64_t)bytes;
	}
	end->served = 0;
	uring_list(end, URING_READY);
}

void uring_received(struct uring_end *end, int result)
{
	struct fd_end *fd = &end->fd;
	enum ipc_rc rc;

	end->armed = false;
	if (end->leaving)
		return;
	if (result > 0 ||
	    (!result && fd->empties && end->how.msg_controllen)) {
		arrived(end, (size_t)result);
		return;
	}
	if (!result) {
		last_word(end, fd_end_of_stream(fd));
		return;
	}
	errno = -result;
	rc = fd_read_failed(fd, "io_uring read");
	if (!rc || rc == IPC_TIMEOUT)
		uring_list(end, URING_HUNGRY);
	else
		last_word(end, rc);
}

/* After a batch the next one has its turn, if there is one that is ready. */
static enum ipc_rc turn(struct uring_hub *hub)
{
	struct uring_end *end = hub->list[URING_READY].first;
	enum ipc_rc rc = IPC_OK;

	if (!end || end->served < hub->opts.batch || hub->readers < 2)
		return IPC_OK;
	end->served = 0;
	if (!end->after[URING_READY]) { /* others may have become so */
		rc = arm_hungry(hub);
		if (!rc)
			rc = uring_wait(hub, 0);
	}
	if (!rc && end->after[URING_READY]) {
		uring_unlist(end, URING_READY);
		uring_list(end, URING_READY);
	}
	return rc;
}

/* A message of a ready end: its length, or -1 if it has none. */
static int64_t serve(struct uring_end *end, const void **data)
{
	struct fd_end *fd = &end->fd;

	if (!fd->message) {
		*data = ipc_inbox_take(&fd->in, fd->base.want);
		return *data ? (int64_t)fd->base.want : -1;
	}
	if (!end->has_message)
		return -1;
	end->has_message = false;
	*data = fd->in.buf;
	return end->message_len;
}

/* It has nothing more to hand out: it is read again, or it has ended. */
static enum ipc_rc empty(struct uring_hub *hub, struct uring_end *end)
{
	uring_unlist(end, URING_READY);
	if (!end->last) {
		uring_list(end, URING_HUNGRY);
		return IPC_OK;
	}
	hub->readers--;
	end->fd.finished = true;
	end->fd.base.err = end->last_err;
	return end->last;
}

int64_t uring_next(struct ipc_hub *base, struct ipc_end **from,
		   const void **data)
{
	struct uring_hub *hub = (struct uring_hub *)base;
	enum ipc_rc rc;

	*from = NULL;
	rc = turn(hub);
	while (!rc) {
		struct uring_end *end = hub->list[URING_READY].first;
		int64_t len;

		if (!end) {
			if (!hub->readers)
				return ipc_refuse(&base->err, IPC_INVALID,
						  "next",
						  "no end is left to receive "
						  "from");
			rc = arm_hungry(hub);
			if (!rc)
				rc = uring_wait(hub, 1);
			continue;
		}
		len = serve(end, data);
		if (len < 0) {
			rc = empty(hub, end);
			*from = rc ? &end->fd.base : NULL;
			continue;
		}
		end->served++;
		end->fd.base.in.messages++;
		*from = &end->fd.base;
		return len;
	}
	return rc;
}
