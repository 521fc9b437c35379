/* The engine uring, from open to close. */
#include <stdlib.h>

#include "ipc/linux/uring.h"
#include "ipc/list.h"

enum { ENDS_MAX = 1 << 16 };

void uring_list(struct uring_end *end, enum uring_list which)
{
	struct uring_hub *hub = uring_hub_of(end);

	if (end->listed[which])
		return;
	end->listed[which] = true;
	end->after[which] = NULL;
	if (hub->list[which].first)
		hub->list[which].last->after[which] = end;
	else
		hub->list[which].first = end;
	hub->list[which].last = end;
}

void uring_unlist(struct uring_end *end, enum uring_list which)
{
	struct uring_hub *hub = uring_hub_of(end);
	struct uring_end *before = NULL, *at = hub->list[which].first;

	if (!end->listed[which])
		return;
	for (; at != end; at = at->after[which])
		before = at;
	if (before)
		before->after[which] = end->after[which];
	else
		hub->list[which].first = end->after[which];
	if (hub->list[which].last == end)
		hub->list[which].last = before;
	end->listed[which] = false;
}

static enum ipc_rc uring_open(const struct ipc_opts *opts, unsigned ends,
			      struct ipc_hub **out, struct ipc_err *err)
{
	struct uring_hub *hub;
	enum ipc_rc rc;

	if (!ends || ends > ENDS_MAX)
		return ipc_refusef(err, IPC_INVALID, "uring",
				   "a hub of %u ends", ends);
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->base.engine = &ipc_engine_uring;
	hub->opts = *opts;
	hub->ends_max = ends;
	hub->table = calloc(ends, sizeof(struct uring_end *));
	rc = hub->table ? uring_ring_open(hub, err)
			: ipc_refuse(err, IPC_NOMEM, "calloc", "ends");
	if (rc) {
		free(hub->table);
		free(hub);
		return rc;
	}
	*out = &hub->base;
	return IPC_OK;
}

/* Descriptors and buffers; slots may not be fewer than what is in flight. */
static enum ipc_rc make_end(struct uring_end *end, struct uring_hub *hub,
			    struct ipc_link *link, void *user,
			    struct ipc_err *err)
{
	bool message = link->caps & IPC_CAP_MESSAGE;
	size_t limit = uring_limit(&hub->opts, message);
	struct ipc_opts mine = hub->opts;
	enum ipc_rc rc;

	mine.slots = ipc_slots(&hub->opts, limit);
	if (mine.slots < limit)
		mine.slots = limit;
	mine.collect = 0; /* fd_push is not used */
	rc = fd_end_make(&end->fd, &hub->base, &mine, FD_RING, link, user,
			 err);
	if (rc)
		return rc;
	if (end->fd.wr >= 0)
		rc = uring_make_out(end, err);
	if (!rc)
		rc = uring_register(end, err);
	if (!rc)
		return IPC_OK;
	uring_unregister(end);
	uring_drop_out(end);
	*link = end->fd.base.link; /* it stays the caller's */
	end->fd.base.link = (struct ipc_link)IPC_LINK_INIT;
	fd_end_drop(&end->fd);
	return rc;
}

static enum ipc_rc uring_attach(struct ipc_hub *base, struct ipc_link *link,
				void *user, struct ipc_end **out,
				struct ipc_err *err)
{
	struct uring_hub *hub = (struct uring_hub *)base;
	struct uring_end *end;
	enum ipc_rc rc;

	if (hub->ends == hub->ends_max)
		return ipc_refuse(err, IPC_INVALID, "uring",
				  "the hub has all its ends");
	end = calloc(1, sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "end");
	while (hub->table[end->index])
		end->index++;
	rc = make_end(end, hub, link, user, err);
	if (rc) {
		free(end);
		return rc;
	}
	hub->table[end->index] = end;
	hub->ends++;
	if (end->fd.rd >= 0) {
		hub->readers++;
		uring_list(end, URING_HUNGRY);
	}
	*out = &end->fd.base;
	return IPC_OK;
}

static enum ipc_rc cancel(struct uring_hub *hub, struct uring_end *end,
			  enum uring_kind kind, unsigned op)
{
	struct io_uring_sqe *sqe;
	enum ipc_rc rc = uring_make_room(hub, 1);

	if (rc)
		return rc;
	sqe = io_uring_get_sqe(&hub->ring);
	io_uring_prep_cancel64(sqe, uring_about(end, kind, op), 0);
	io_uring_sqe_set_data64(sqe, uring_about(end, URING_CANCEL, 0));
	hub->cancels++;
	return IPC_OK;
}

/* Until the kernel has nothing of this end; a cancel may come too early. */
static void cancel_all(struct uring_hub *hub, struct uring_end *end)
{
	enum ipc_rc rc = IPC_OK;

	while (!rc && (end->armed || end->in_flight)) {
		if (end->armed)
			rc = cancel(hub, end, URING_READ, 0);
		/* the first that is not done; the others wait for it */
		if (!rc && end->in_flight)
			rc = cancel(hub, end, URING_WRITE,
				    end->op_count - end->in_flight);
		while (!rc && hub->cancels)
			rc = uring_wait(hub, 1);
	}
}

static void uring_detach(struct ipc_end *base)
{
	struct uring_end *end = (struct uring_end *)base;
	struct uring_hub *hub;

	if (!end)
		return;
	hub = uring_hub_of(end);
	end->leaving = true;
	for (int i = 0; i < URING_LISTS; i++)
		uring_unlist(end, i);
	cancel_all(hub, end);
	uring_unregister(end);
	if (end->fd.rd >= 0 && !end->fd.finished)
		hub->readers--;
	hub->table[end->index] = NULL;
	hub->ends--;
	uring_drop_out(end);
	fd_end_drop(&end->fd);
	free(end);
}

static void uring_close(struct ipc_hub *base)
{
	struct uring_hub *hub = (struct uring_hub *)base;

	if (!hub)
		return;
	for (unsigned i = 0; i < hub->ends_max; i++)
		if (hub->table[i])
			uring_detach(&hub->table[i]->fd.base);
	uring_ring_close(hub);
	free(hub->table);
	free(hub);
}

const struct ipc_engine ipc_engine_uring = {
	.name = "uring",
	.summary = "io_uring: a chain of writes in flight, one read in place",
	.needs = IPC_CAP_SYNC | IPC_CAP_POLL,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_MANY,
	.ends_max = ENDS_MAX,
	.knobs = "depth batch slots read-size collect ring registered",
	.sends = "io_uring_enter",
	.receives = "io_uring_enter",
	.probe = uring_probe,
	.open = uring_open,
	.attach = uring_attach,
	.reserve = uring_reserve,
	.commit = uring_commit,
	.push = uring_push,
	.flush = uring_flush,
	.next = uring_next,
	.detach = uring_detach,
	.close = uring_close,
};
