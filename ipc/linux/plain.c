/*
 * blocking and nowait: one end, one read or write a message.  They are the
 * same code but for O_NONBLOCK and for what is done while nothing is ready.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipc/linux/direct.h"
#include "ipc/linux/fdio.h"
#include "ipc/list.h"

enum { LINE = 64 }; /* of the caches: as few of them as can be */

struct plain_hub {
	struct ipc_hub  base;
	struct ipc_opts opts;
	struct fd_end  *end;
};

static enum ipc_rc plain_open(const struct ipc_engine *engine,
			      const struct ipc_opts *opts, unsigned ends,
			      struct ipc_hub **out, struct ipc_err *err)
{
	struct plain_hub *hub;

	if (ends != 1)
		return ipc_refuse(err, IPC_INVALID, engine->name,
				  "a hub of it has one end");
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->base.engine = engine;
	hub->opts = *opts;
	*out = &hub->base;
	return IPC_OK;
}

static enum ipc_rc plain_attach(struct ipc_hub *base, struct ipc_link *link,
				void *user, struct ipc_end **out,
				struct ipc_err *err)
{
	struct plain_hub *hub = (struct plain_hub *)base;
	bool nowait = base->engine == &ipc_engine_nowait;
	struct fd_end *end;
	enum ipc_rc rc;

	if (hub->end)
		return ipc_refuse(err, IPC_INVALID, base->engine->name,
				  "the hub has its one end");
	end = aligned_alloc(LINE, (sizeof(*end) + LINE - 1) / LINE * LINE);
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "aligned_alloc", "end");
	rc = fd_end_make(end, base, &hub->opts,
			 nowait ? FD_NOWAIT : FD_BLOCKING, link, user, err);
	if (rc) {
		free(end);
		return rc;
	}
	hub->end = end;
	*out = &end->base;
	return IPC_OK;
}

static int64_t nobody_left(struct ipc_hub *base, struct ipc_end **from)
{
	*from = NULL;
	return ipc_refuse(&base->err, IPC_INVALID, "next",
			  "no end is left to receive from");
}

/* What to do about a read: IPC_OK to take, or to read, again. */
static enum ipc_rc after_read(struct fd_end *end, enum ipc_rc rc)
{
	if (rc != IPC_TIMEOUT)
		return rc;
	fd_idle(end, end->rd, POLLIN);
	return IPC_OK;
}

static __attribute__((noinline)) int64_t
next_any(struct ipc_hub *base, struct ipc_end **from, const void **data)
{
	struct fd_end *end = ((struct plain_hub *)base)->end;
	enum ipc_rc rc = IPC_OK;
	int64_t len;

	if (!end || end->rd < 0 || end->finished)
		return nobody_left(base, from);
	*from = &end->base;
	for (;;) {
		if (!end->message) {
			len = (int64_t)end->base.want;
			*data = ipc_inbox_take(&end->in, end->base.want);
			if (*data)
				break;
		}
		if (end->held_bytes)
			rc = fd_push(&end->base); /* before it waits */
		if (!rc)
			rc = fd_read(end, data, &len);
		if (!rc && end->message)
			break;
		rc = after_read(end, rc);
		if (rc)
			return rc;
	}
	end->base.in.messages++;
	return len;
}

static __attribute__((noinline)) int64_t
next_rest(struct fd_end *end, ssize_t got, struct ipc_end **from,
	  const void **data)
{
	enum ipc_rc rc;

	end->in.off = end->in.have = 0;
	rc = after_read(end, fd_read_rest(end, end->base.want, got));
	return rc ? rc : next_any(end->base.hub, from, data);
}

/* As in fd_commit: the usual message alone, few lines from wait to wait. */
__attribute__((hot)) static int64_t
plain_next(struct ipc_hub *base, struct ipc_end **from, const void **data)
{
	struct fd_end *end = ((struct plain_hub *)base)->end;
	ssize_t got;

	if (__builtin_expect(!end || !end->whole, 0))
		return next_any(base, from, data);
	*from = &end->base;
	*data = end->in.buf;
	end->base.in.calls++;
	got = direct_read(end->rd, end->in.buf, end->base.want);
	if (__builtin_expect(got != (ssize_t)end->base.want, 0))
		return next_rest(end, got, from, data);
	end->base.in.messages++;
	end->base.in.ops++;
	return got;
}

static void plain_detach(struct ipc_end *base)
{
	struct fd_end *end = (struct fd_end *)base;

	if (!end)
		return;
	((struct plain_hub *)base->hub)->end = NULL;
	fd_end_drop(end);
	free(end);
}

static void plain_close(struct ipc_hub *base)
{
	struct plain_hub *hub = (struct plain_hub *)base;

	if (!hub)
		return;
	plain_detach(hub->end ? &hub->end->base : NULL);
	free(hub);
}

static enum ipc_rc blocking_open(const struct ipc_opts *opts, unsigned ends,
				 struct ipc_hub **out, struct ipc_err *err)
{
	return plain_open(&ipc_engine_blocking, opts, ends, out, err);
}

const struct ipc_engine ipc_engine_blocking = {
	.name = "blocking",
	.summary = "read and write, waiting in the kernel",
	.needs = IPC_CAP_SYNC,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE,
	.ends_max = 1,
	.knobs = "slots read-size collect",
	.sends = "write",
	.receives = "read",
	.open = blocking_open,
	.attach = plain_attach,
	.reserve = fd_reserve,
	.commit = fd_commit,
	.push = fd_push,
	.flush = fd_push,
	.next = plain_next,
	.detach = plain_detach,
	.close = plain_close,
};

static enum ipc_rc nowait_open(const struct ipc_opts *opts, unsigned ends,
			       struct ipc_hub **out, struct ipc_err *err)
{
	return plain_open(&ipc_engine_nowait, opts, ends, out, err);
}

const struct ipc_engine ipc_engine_nowait = {
	.name = "nowait",
	.summary = "O_NONBLOCK read and write, asking again and again",
	.needs = IPC_CAP_SYNC,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE,
	.ends_max = 1,
	.knobs = "slots read-size collect poll",
	.sends = "write",
	.receives = "read",
	.open = nowait_open,
	.attach = plain_attach,
	.reserve = fd_reserve,
	.commit = fd_commit,
	.push = fd_push,
	.flush = fd_push,
	.next = plain_next,
	.detach = plain_detach,
	.close = plain_close,
};
