/* What an end keeps of its latencies; allocated and touched before the go. */
#include <stdlib.h>
#include <string.h>

#include "bench/worker.h"

static void make_hist(struct pm_worker *w, struct pm_hist *hist,
		      struct pm_hist **use)
{
	if (w->err.rc ||
	    pm_hist_init(hist, (unsigned)w->cell.config.precision, &w->err))
		return;
	*use = hist;
}

static void make_trace(struct pm_worker *w, struct pm_trace *trace,
		       struct pm_trace **use)
{
	size_t room = (size_t)w->cell.config.trace;

	if (w->err.rc || !room)
		return;
	trace->ns = malloc(room * sizeof(*trace->ns));
	if (!trace->ns) {
		ipc_refuse(&w->err, IPC_NOMEM, "malloc", "trace");
		return;
	}
	memset(trace->ns, 0xff, room * sizeof(*trace->ns));
	trace->room = room;
	*use = trace;
}

/* Where the distribution that the workload is about is kept. */
static bool keeps_lead(const struct pm_worker *w)
{
	return w->run.hist && (w->role == PM_CONSUMER || w->duplex);
}

static void make_heat(struct pm_worker *w)
{
	uint64_t interval_ns = w->cell.config.interval;

	/* of many clients it would be most of their memory */
	if (w->err.rc || !keeps_lead(w) || w->cell.config.io.clients > 1)
		return;
	pm_heat_init(&w->heat, &w->hist,
		     ipc_to_ticks(&w->run.clock, interval_ns), interval_ns,
		     &w->err);
}

enum ipc_rc pm_worker_hists(struct pm_worker *w, bool can_time)
{
	bool produces = w->role == PM_PRODUCER;
	bool calls = w->cell.config.calls;

	w->err.rc = IPC_OK;
	if (can_time)
		make_hist(w, &w->hist, &w->run.hist);
	if (w->paced && !produces)
		make_hist(w, &w->service, &w->run.service);
	if (w->paced && produces)
		make_hist(w, &w->lateness, &w->run.lateness);
	if (calls && produces)
		make_hist(w, &w->send_call, &w->run.send_call);
	if (calls && !produces)
		make_hist(w, &w->recv_call, &w->run.recv_call);
	if (calls && !produces && w->duplex)
		make_hist(w, &w->one_way, &w->run.one_way);
	if (keeps_lead(w))
		make_trace(w, &w->trace, &w->run.trace);
	if (w->run.service)
		make_trace(w, &w->service_trace, &w->run.service_trace);
	make_heat(w);
	return w->err.rc;
}

/* Warm-up ended: nothing of it stays. */
void pm_worker_forget(struct pm_worker *w)
{
	struct pm_hist *const hists[] = {
		w->run.hist,	  w->run.service,   w->run.lateness,
		w->run.send_call, w->run.recv_call, w->run.one_way
	};

	for (size_t i = 0; i < sizeof(hists) / sizeof(*hists); i++)
		if (hists[i])
			pm_hist_reset(hists[i]);
	w->trace.count = w->service_trace.count = 0;
	if (w->heat.interval_ticks)
		w->plan.heat = &w->heat;
}

static void report_trace(struct pm_worker *w, const char *name,
			 const struct pm_trace *trace)
{
	if (trace->room)
		pm_report_trace(&w->report, name, trace);
}

void pm_worker_report_hists(struct pm_worker *w)
{
	struct pm_report *r = &w->report;
	const char *lead = w->duplex  ? "rtt"
			   : w->paced ? "response"
				      : "time_in_pipe";

	if (keeps_lead(w)) {
		pm_report_hist(r, lead, &w->hist);
		report_trace(w, lead, &w->trace);
		pm_report_heat(r, lead, &w->heat);
	}
	if (w->run.service) {
		pm_report_hist(r, "service", &w->service);
		report_trace(w, "service", &w->service_trace);
	}
	if (w->run.lateness)
		pm_report_hist(r, "lateness", &w->lateness);
	if (w->run.send_call)
		pm_report_hist(r, "send_call", &w->send_call);
	if (w->run.recv_call)
		pm_report_hist(r, "recv_call", &w->recv_call);
	if (w->run.one_way)
		pm_report_hist(r, "one_way", &w->one_way);
}
