/*
 * --stress TEXT: a worker that looks at itself more closely.  "look" counts
 * the handles that are left open, and feels interruptions; a fault of
 * bench/faulty.h makes its engine do wrong as well.
 */
#include <stdio.h>
#include <string.h>

#include "bench/faulty.h"
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

enum ipc_rc pm_worker_stress(struct pm_worker *w)
{
	ipc_poke_catch();
	w->handles = ipc_handle_count();
	if (w->handles != IPC_UNKNOWN)
		w->handles -= inherited(w);
	if (!strcmp(w->stress, "look"))
		return IPC_OK;
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
	pm_report_value(&w->report, "leaked",
			now > w->handles ? now - w->handles : 0);
	pm_report_value(&w->report, "poked", ipc_poke_count());
}
