/*
 * Moves nothing: the floor of whatever drives an engine.  It lends real
 * buffers and counts like the others do, through the same indirect calls.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ipc/inbox.h"
#include "ipc/list.h"
#include "ipc/mem.h"
#include "ipc/opts.h"

struct null_end {
	struct ipc_end base; /* first: the contract's part */
	char    *out;
	size_t   stride, slots, slot;
	char    *in;
	size_t   bytes;
};

struct null_hub {
	struct ipc_hub   base;
	size_t           size, slots;
	struct null_end *end;
};

static enum ipc_rc null_open(const struct ipc_opts *opts, unsigned ends,
			     struct ipc_hub **out, struct ipc_err *err)
{
	struct null_hub *hub;

	if (ends != 1)
		return ipc_refuse(err, IPC_INVALID, "null",
				  "a hub of it has one end");
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->base.engine = &ipc_engine_null;
	hub->size = opts->size;
	hub->slots = ipc_slots(opts, 1);
	snprintf(hub->base.how, sizeof(hub->base.how), "moves nothing");
	*out = &hub->base;
	return IPC_OK;
}

/* The link may be INIT: nothing is ever done with it but close it. */
static enum ipc_rc null_attach(struct ipc_hub *base, struct ipc_link *link,
			       void *user, struct ipc_end **out,
			       struct ipc_err *err)
{
	struct null_hub *hub = (struct null_hub *)base;
	struct null_end *end;

	if (hub->end)
		return ipc_refuse(err, IPC_INVALID, "null", "has its end");
	end = calloc(1, sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "end");
	end->stride = ipc_slot_stride(hub->size);
	end->slots = hub->slots;
	end->bytes = end->stride * (end->slots + 1);
	end->out = ipc_pages_alloc(end->bytes, err);
	if (!end->out) {
		free(end);
		return IPC_NOMEM;
	}
	end->in = end->out + end->stride * end->slots;
	end->base.hub = base;
	end->base.user = user;
	end->base.want = hub->size;
	end->base.link = *link;
	*link = (struct ipc_link)IPC_LINK_INIT;
	hub->end = end;
	*out = &end->base;
	return IPC_OK;
}

static void *null_reserve(struct ipc_end *base)
{
	struct null_end *end = (struct null_end *)base;

	return end->out + end->slot * end->stride;
}

static enum ipc_rc null_commit(struct ipc_end *base, size_t len, unsigned flags)
{
	struct null_end *end = (struct null_end *)base;

	(void)len;
	(void)flags;
	base->out.messages++;
	if (++end->slot == end->slots)
		end->slot = 0;
	return IPC_OK;
}

static enum ipc_rc null_push(struct ipc_end *base)
{
	(void)base;
	return IPC_OK;
}

static int64_t null_next(struct ipc_hub *base, struct ipc_end **from,
			 const void **data)
{
	struct null_hub *hub = (struct null_hub *)base;
	struct null_end *end = hub->end;

	*from = end ? &end->base : NULL;
	if (!end)
		return ipc_refuse(&base->err, IPC_INVALID, "null",
				  "no end is left");
	*data = end->in;
	end->base.in.messages++;
	return (int64_t)end->base.want;
}

static void null_detach(struct ipc_end *base)
{
	struct null_end *end = (struct null_end *)base;

	if (!end)
		return;
	((struct null_hub *)base->hub)->end = NULL;
	ipc_pages_free(end->out, end->bytes);
	ipc_link_close(&base->link);
	free(end);
}

static void null_close(struct ipc_hub *base)
{
	struct null_hub *hub = (struct null_hub *)base;

	if (!hub)
		return;
	null_detach(hub->end ? &hub->end->base : NULL);
	free(hub);
}

const struct ipc_engine ipc_engine_null = {
	.name = "null",
	.summary = "moves nothing: the harness's own floor",
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_NO_LINK,
	.ends_max = 1,
	.knobs = "slots",
	.open = null_open,
	.attach = null_attach,
	.reserve = null_reserve,
	.commit = null_commit,
	.push = null_push,
	.flush = null_push,
	.next = null_next,
	.detach = null_detach,
	.close = null_close,
};
