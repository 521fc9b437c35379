#include "ipc/windows/async.h"

#include <stdio.h>
#include <stdlib.h>

enum ipc_rc ipc_async_open(const struct async_style *style,
			   const struct ipc_opts *opts, unsigned ends,
			   struct async_hub **out, struct ipc_err *err)
{
	struct async_hub *hub;

	if (!ends || ends > style->engine->ends_max)
		return ipc_refusef(err, IPC_INVALID, style->engine->name,
				   "%u ends in a hub: 1 to %u", ends,
				   style->engine->ends_max);
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->base.engine = style->engine;
	hub->style = style;
	hub->opts = *opts;
	hub->ends_room = ends;
	hub->ready_last = &hub->ready_first;
	snprintf(hub->base.how, sizeof(hub->base.how), "depth %u",
		 (unsigned)opts->depth);
	*out = hub;
	return IPC_OK;
}

/* The memory of an end; its handles stay the link's. */
static void free_end(struct async_end *end)
{
	ipc_async_free_ring(&end->in);
	ipc_async_free_ring(&end->out);
	ipc_pages_free(end->scratch, end->size);
	if (end->in.depth > 1)
		ipc_pages_free(end->stage, end->size);
	ipc_inbox_free(&end->box);
	free(end);
}

static enum ipc_rc make_sides(struct async_hub *hub, struct async_end *end,
			      struct ipc_err *err)
{
	enum ipc_rc rc = IPC_OK;

	if (end->wr)
		rc = ipc_async_make_out(hub, end, err);
	if (!rc && end->rd)
		rc = ipc_async_make_in(hub, end, err);
	if (!rc && hub->style->bind)
		rc = hub->style->bind(hub, end, err);
	return rc;
}

static void enlist(struct async_hub *hub, struct async_end *end)
{
	end->next = hub->all;
	end->self = &hub->all;
	if (hub->all)
		hub->all->self = &end->next;
	hub->all = end;
	hub->ends++;
	if (!end->rd)
		return;
	hub->live++;
	ipc_async_make_ready(hub, end); /* its first turn issues the reads */
}

static enum ipc_rc check(const struct async_hub *hub,
			 const struct ipc_link *link, struct ipc_err *err)
{
	if (hub->ends == hub->ends_room)
		return ipc_refuse(err, IPC_INVALID, hub->base.engine->name,
				  "the hub has all its ends");
	if (!(link->caps & IPC_CAP_ASYNC))
		return ipc_refuse(err, IPC_INVALID, hub->base.engine->name,
				  "the handle was not opened for overlapped "
				  "I/O");
	return IPC_OK;
}

static HANDLE or_null(ipc_handle handle)
{
	return handle == IPC_NO_HANDLE ? NULL : ipc_win_handle(handle);
}

enum ipc_rc ipc_async_attach(struct ipc_hub *base, struct ipc_link *link,
			     void *user, struct ipc_end **out,
			     struct ipc_err *err)
{
	struct async_hub *hub = (struct async_hub *)base;
	struct async_end *end;
	enum ipc_rc rc = check(hub, link, err);

	if (rc)
		return rc;
	end = calloc(1, sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "end");
	end->base.hub = base;
	end->base.user = user;
	end->base.want = hub->opts.size;
	end->base.link = *link;
	end->rd = or_null(link->rd);
	end->wr = or_null(link->wr);
	end->message = (link->caps & IPC_CAP_MESSAGE) != 0;
	end->empties = hub->opts.empties && link->caps & IPC_CAP_EMPTY;
	end->size = hub->opts.size;
	rc = make_sides(hub, end, err);
	if (rc) {
		free_end(end);
		return rc;
	}
	*link = (struct ipc_link)IPC_LINK_INIT; /* it is the end's now */
	enlist(hub, end);
	*out = &end->base;
	return IPC_OK;
}

static void delist(struct async_hub *hub, struct async_end *end)
{
	struct async_end **at = &hub->ready_first;

	*end->self = end->next;
	if (end->next)
		end->next->self = end->self;
	while (*at && *at != end)
		at = &(*at)->next_ready;
	if (*at) {
		*at = end->next_ready;
		if (!*at)
			hub->ready_last = at;
	}
	hub->ends--;
	hub->live -= end->rd && !end->finished;
	hub->holders -= end->holds;
	end->finished = true; /* no completion makes it ready any more */
}

/* False if the system still has one of the ring's buffers. */
static bool settle(struct async_hub *hub, struct async_ring *ring)
{
	bool all = true;

	for (size_t i = 0; ring->ops && i < ring->depth; i++)
		if (ring->ops[i].state == ASYNC_BUSY &&
		    !ipc_async_is_done(hub, &ring->ops[i]) &&
		    hub->style->await(hub, &ring->ops[i]))
			all = false;
	return all;
}

/*
 * Cancelling is a request: each operation still ends, perhaps with success,
 * and only then is its memory ours again.
 */
void ipc_async_detach(struct ipc_end *base)
{
	struct async_end *end = (struct async_end *)base;
	struct async_hub *hub;
	bool settled;

	if (!end)
		return;
	hub = (struct async_hub *)base->hub;
	delist(hub, end);
	if (end->rd)
		CancelIoEx(end->rd, NULL);
	if (end->wr && end->wr != end->rd)
		CancelIoEx(end->wr, NULL);
	settled = settle(hub, &end->in);
	settled &= settle(hub, &end->out);
	ipc_link_close(&base->link);
	if (settled) /* else it is the system's: better lost than written to */
		free_end(end);
}

void ipc_async_close(struct ipc_hub *base)
{
	struct async_hub *hub = (struct async_hub *)base;

	if (!hub)
		return;
	while (hub->all)
		ipc_async_detach(&hub->all->base);
	if (hub->port)
		CloseHandle(hub->port);
	free(hub->entries);
	free(hub);
}
