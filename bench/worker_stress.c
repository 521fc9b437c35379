/*
 * --stress TEXT: a worker that looks at itself more closely.  "look" counts
 * the handles that are left open, and feels interruptions; a fault of
 * bench/faulty.h makes its engine do wrong as well, memory:BYTES and handles:N
 * let it have so much more than now and no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/faulty.h"
#include "bench/lastops.h"
#include "bench/worker.h"
#include "ipc/meddle.h"

/* Handles of the link, if it was inherited: they will be closed. */
static uint64_t inherited(const struct pm_worker *w)
{
	long long rd, wr;

	if (!w->link_spec ||
	    sscanf(w->link_spec, "handles:%lld,%lld", &rd, &wr) != 2)
		return 0;
	return (uint64_t)(rd != -1) + (wr != -1 && wr != rd);
}

static enum ipc_rc limit(struct pm_worker *w, const char *text)
{
	uint64_t number = strtoull(text + strcspn(text, ":") + 1, NULL, 10);

	if (text[0] == 'm')
		return ipc_limit_memory(number, &w->err);
	return ipc_limit_handles(ipc_handle_count() + number, &w->err);
}

enum ipc_rc pm_worker_stress(struct pm_worker *w)
{
	ipc_poke_catch();
	if (w->control && pm_lastops_announce(&w->channel, &w->err))
		return w->err.rc;
	w->engine = pm_lastops_engine(w->engine);
	w->handles = ipc_handle_count();
	if (w->handles != IPC_UNKNOWN)
		w->handles -= inherited(w);
	if (!strcmp(w->stress, "look"))
		return IPC_OK;
	if (!strncmp(w->stress, "memory:", 7) ||
	    !strncmp(w->stress, "handles:", 8))
		return limit(w, w->stress);
	w->engine = pm_faulty(w->engine, w->stress);
	if (!w->engine)
		return ipc_refuse(&w->err, IPC_INVALID, "--stress", w->stress);
	return IPC_OK;
}

void pm_worker_stressed(struct pm_worker *w)
{
	uint64_t now;

	if (!w->stress || !w->handles || w->handles == IPC_UNKNOWN)
		return;
	now = ipc_handle_count();
	/* It failed before it took its link over: that is still there. */
	if (!w->took_link && now != IPC_UNKNOWN)
		now -= inherited(w);
	pm_report_value(&w->report, "leaked",
			now > w->handles ? now - w->handles : 0);
	pm_report_value(&w->report, "poked", ipc_poke_count());
}
