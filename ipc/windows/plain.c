/*
 * blocking and nowait: one end, one read or write a message.  They are the
 * same code but for PIPE_NOWAIT and for what is done while nothing is ready.
 */
#include <stdlib.h>

#include "ipc/list.h"
#include "ipc/windows/hio.h"

struct plain_hub {
	struct ipc_hub  base;
	struct ipc_opts opts;
	struct hio_end *end;
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
	bool polls = base->engine == &ipc_engine_nowait;
	struct hio_end *end;
	enum ipc_rc rc;

	if (hub->end)
		return ipc_refuse(err, IPC_INVALID, base->engine->name,
				  "the hub has its one end");
	if (!(link->caps & IPC_CAP_SYNC))
		return ipc_refuse(err, IPC_INVALID, base->engine->name,
				  "the handle is for overlapped I/O");
	end = malloc(sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "end");
	rc = ipc_hio_make(end, base, &hub->opts, polls, link, user, err);
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

static int64_t plain_next(struct ipc_hub *base, struct ipc_end **from,
			  const void **data)
{
	struct hio_end *end = ((struct plain_hub *)base)->end;
	enum ipc_rc rc = IPC_OK;
	int64_t len;

	if (!end || !end->rd || end->finished)
		return nobody_left(base, from);
	*from = &end->base;
	for (;;) {
		if (!end->message) {
			len = (int64_t)end->base.want;
			*data = ipc_inbox_take(&end->in, end->base.want);
			if (*data)
				break;
		}
		if (end->held_bytes && !end->transacts)
			rc = ipc_hio_push(&end->base); /* before it waits */
		if (!rc)
			rc = ipc_hio_read(end, data, &len);
		if (rc == IPC_TIMEOUT)
			ipc_hio_idle(end);
		else if (rc)
			return rc;
		else if (end->message)
			break;
		rc = IPC_OK;
	}
	end->base.in.messages++;
	return len;
}

static void plain_detach(struct ipc_end *base)
{
	struct hio_end *end = (struct hio_end *)base;

	if (!end)
		return;
	((struct plain_hub *)base->hub)->end = NULL;
	ipc_hio_drop(end);
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
	.summary = "ReadFile and WriteFile, waiting in the kernel",
	.needs = IPC_CAP_SYNC,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE,
	.ends_max = 1,
	.sends = "WriteFile",
	.receives = "ReadFile",
	.knobs = "slots read-size read-buffer collect exchange",
	.open = blocking_open,
	.attach = plain_attach,
	.reserve = ipc_hio_reserve,
	.commit = ipc_hio_commit,
	.push = ipc_hio_push,
	.flush = ipc_hio_push,
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
	.summary = "PIPE_NOWAIT reads and writes, asking again and again",
	.needs = IPC_CAP_SYNC | IPC_CAP_POLL,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE,
	.ends_max = 1,
	.sends = "WriteFile",
	.receives = "ReadFile",
	.knobs = "slots read-size read-buffer collect poll",
	.open = nowait_open,
	.attach = plain_attach,
	.reserve = ipc_hio_reserve,
	.commit = ipc_hio_commit,
	.push = ipc_hio_push,
	.flush = ipc_hio_push,
	.next = plain_next,
	.detach = plain_detach,
	.close = plain_close,
};
