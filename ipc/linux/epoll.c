/*
 * Many ends on one thread, told by the kernel which of them may be read.
 * Edge-triggered: an end is hot from its event until a read finds nothing
 * more.  Hot ends are read in turn; only without one is there a wait.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "ipc/linux/fdio.h"
#include "ipc/list.h"

enum { EVENTS = 64, ENDS_MAX = 1 << 20 };

struct epoll_end {
	struct fd_end     fd; /* first */
	struct epoll_end *next_hot;
	struct epoll_end *next, *previous; /* all ends of the hub */
	bool              hot, awaited;    /* awaited: in the epoll set */
	uint64_t          served; /* messages since its turn began */
};

struct epoll_hub {
	struct ipc_hub    base;
	struct ipc_opts   opts;
	int               set;
	unsigned          ends, ends_max;
	unsigned          readers; /* ends whose last word is to come */
	bool              pushing;
	struct epoll_end *first; /* all ends */
	struct epoll_end *hot, *hot_last;
};

static struct epoll_hub *hub_of(const struct epoll_end *end)
{
	return (struct epoll_hub *)end->fd.base.hub;
}

/* The list of hot ends: a queue. */

static void heat(struct epoll_hub *hub, struct epoll_end *end)
{
	if (end->hot || end->fd.finished)
		return;
	end->hot = true;
	end->served = 0;
	end->next_hot = NULL;
	if (hub->hot)
		hub->hot_last->next_hot = end;
	else
		hub->hot = end;
	hub->hot_last = end;
}

static void cool(struct epoll_hub *hub, struct epoll_end *end)
{
	struct epoll_end *before = NULL, *at = hub->hot;

	while (at && at != end) {
		before = at;
		at = at->next_hot;
	}
	if (!at)
		return;
	if (before)
		before->next_hot = end->next_hot;
	else
		hub->hot = end->next_hot;
	if (hub->hot_last == end)
		hub->hot_last = before;
	end->hot = false;
}

/* No hub waits while one of its ends holds a message back. */
static void push_all(struct epoll_hub *hub, const struct epoll_end *but)
{
	if (hub->pushing)
		return; /* called by a push that has to wait itself */
	hub->pushing = true;
	for (struct epoll_end *end = hub->first; end; end = end->next)
		if (end != but && end->fd.held_bytes)
			fd_push(&end->fd.base); /* it keeps its own failure */
	hub->pushing = false;
}

static void before_wait(struct fd_end *fd)
{
	struct epoll_end *end = (struct epoll_end *)fd;

	push_all(hub_of(end), end);
}

static enum ipc_rc epoll_open(const struct ipc_opts *opts, unsigned ends,
			      struct ipc_hub **out, struct ipc_err *err)
{
	struct epoll_hub *hub;

	if (!ends || ends > ENDS_MAX)
		return ipc_refusef(err, IPC_INVALID, "epoll",
				   "a hub of %u ends", ends);
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->set = epoll_create1(EPOLL_CLOEXEC);
	if (hub->set < 0) {
		enum ipc_rc rc = ipc_fail(err, "epoll_create1", NULL);

		free(hub);
		return rc;
	}
	hub->base.engine = &ipc_engine_epoll;
	hub->opts = *opts;
	hub->ends_max = ends;
	snprintf(hub->base.how, sizeof(hub->base.how), "edge-triggered");
	*out = &hub->base;
	return IPC_OK;
}

static enum ipc_rc await(struct epoll_hub *hub, struct epoll_end *end,
			 struct ipc_err *err)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
				     .data.ptr = end };

	if (end->fd.rd < 0)
		return IPC_OK;
	if (epoll_ctl(hub->set, EPOLL_CTL_ADD, end->fd.rd, &event) < 0)
		return ipc_fail(err, "epoll_ctl", end->fd.base.link.name);
	end->awaited = true;
	hub->readers++;
	return IPC_OK;
}

/* Before its last word is said: a hang-up edge could follow. */
static void forget(struct epoll_hub *hub, struct epoll_end *end)
{
	cool(hub, end);
	if (!end->awaited)
		return;
	epoll_ctl(hub->set, EPOLL_CTL_DEL, end->fd.rd, NULL);
	end->awaited = false;
	hub->readers--;
}

static void join(struct epoll_hub *hub, struct epoll_end *end)
{
	end->next = hub->first;
	if (hub->first)
		hub->first->previous = end;
	hub->first = end;
	hub->ends++;
}

static enum ipc_rc epoll_attach(struct ipc_hub *base, struct ipc_link *link,
				void *user, struct ipc_end **out,
				struct ipc_err *err)
{
	struct epoll_hub *hub = (struct epoll_hub *)base;
	struct epoll_end *end;
	enum ipc_rc rc;

	if (hub->ends == hub->ends_max)
		return ipc_refuse(err, IPC_INVALID, "epoll",
				  "the hub has all its ends");
	end = calloc(1, sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "end");
	rc = fd_end_make(&end->fd, base, &hub->opts, FD_READY, link, user, err);
	if (rc) {
		free(end);
		return rc;
	}
	rc = await(hub, end, err);
	if (rc) {
		*link = end->fd.base.link; /* it stays the caller's */
		end->fd.base.link = (struct ipc_link)IPC_LINK_INIT;
		fd_end_drop(&end->fd);
		free(end);
		return rc;
	}
	end->fd.before_wait = before_wait;
	join(hub, end);
	*out = &end->fd.base;
	return IPC_OK;
}

static enum ipc_rc wait_for_input(struct epoll_hub *hub, int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int count;

	hub->base.waits++;
	count = epoll_wait(hub->set, events, EVENTS, timeout_ms);
	if (count < 0 && errno != EINTR)
		return ipc_fail(&hub->base.err, "epoll_wait", NULL);
	for (int i = 0; i < count; i++)
		heat(hub, events[i].data.ptr);
	return IPC_OK;
}

/* After a batch the next one has its turn, if there is one that is ready. */
static enum ipc_rc turn(struct epoll_hub *hub, struct epoll_end *end)
{
	enum ipc_rc rc = IPC_OK;

	if (end->served < hub->opts.batch || hub->readers < 2)
		return IPC_OK;
	end->served = 0;
	if (!end->next_hot)
		rc = wait_for_input(hub, 0); /* others may have become so */
	if (!rc && end->next_hot) {
		cool(hub, end);
		heat(hub, end);
	}
	return rc;
}

/*
 * One message of a hot end: its length, or -1 if it has none now (it is then
 * cool), or its last word in *last.
 */
static int64_t serve(struct epoll_hub *hub, struct epoll_end *end,
		     const void **data, enum ipc_rc *last)
{
	struct fd_end *fd = &end->fd;
	int64_t len = -1;

	for (;;) {
		enum ipc_rc rc;

		if (!fd->message) {
			*data = ipc_inbox_take(&fd->in, fd->base.want);
			if (*data)
				return (int64_t)fd->base.want;
		}
		rc = fd_read(fd, data, &len);
		if (rc == IPC_TIMEOUT) {
			cool(hub, end);
			return -1;
		}
		if (rc) {
			forget(hub, end);
			*last = rc;
			return -1;
		}
		if (fd->message)
			return len;
	}
}

static int64_t epoll_next(struct ipc_hub *base, struct ipc_end **from,
			  const void **data)
{
	struct epoll_hub *hub = (struct epoll_hub *)base;
	enum ipc_rc rc = IPC_OK;

	*from = NULL;
	if (hub->hot)
		rc = turn(hub, hub->hot);
	while (!rc) {
		struct epoll_end *end = hub->hot;
		enum ipc_rc last = IPC_OK;
		int64_t len;

		if (!end) {
			if (!hub->readers)
				return ipc_refuse(&base->err, IPC_INVALID,
						  "next",
						  "no end is left to receive "
						  "from");
			push_all(hub, NULL);
			rc = wait_for_input(hub, -1);
			continue;
		}
		len = serve(hub, end, data, &last);
		if (len < 0 && !last)
			continue;
		*from = &end->fd.base;
		if (last)
			return last;
		end->fd.base.in.messages++;
		end->served++;
		return len;
	}
	return rc;
}

static void epoll_detach(struct ipc_end *base)
{
	struct epoll_end *end = (struct epoll_end *)base;
	struct epoll_hub *hub;

	if (!end)
		return;
	hub = hub_of(end);
	forget(hub, end);
	if (end->previous)
		end->previous->next = end->next;
	else
		hub->first = end->next;
	if (end->next)
		end->next->previous = end->previous;
	hub->ends--;
	fd_end_drop(&end->fd);
	free(end);
}

static void epoll_close(struct ipc_hub *base)
{
	struct epoll_hub *hub = (struct epoll_hub *)base;

	if (!hub)
		return;
	while (hub->first)
		epoll_detach(&hub->first->fd.base);
	lx_close(hub->set);
	free(hub);
}

const struct ipc_engine ipc_engine_epoll = {
	.name = "epoll",
	.summary = "epoll, edge-triggered, and O_NONBLOCK reads: many links",
	.needs = IPC_CAP_SYNC | IPC_CAP_POLL,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_MANY,
	.ends_max = ENDS_MAX,
	.knobs = "slots read-size collect batch",
	.sends = "write",
	.receives = "read, and epoll_wait where nothing is there yet,",
	.open = epoll_open,
	.attach = epoll_attach,
	.reserve = fd_reserve,
	.commit = fd_commit,
	.push = fd_push,
	.flush = fd_push,
	.next = epoll_next,
	.detach = epoll_detach,
	.close = epoll_close,
};
