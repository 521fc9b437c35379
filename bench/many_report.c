/* The lanes of one process as one end. */
#include "bench/many.h"

#include <string.h>

/* Whatever a tally counts adds up, but for the most of something. */
static void fields(struct ipc_tally *sum, const struct ipc_tally *one,
		   uint64_t sign)
{
	sum->messages += sign * one->messages;
	sum->ops += sign * one->ops;
	sum->calls += sign * one->calls;
	sum->partials += sign * one->partials;
	sum->retries += sign * one->retries;
	sum->copied_bytes += sign * one->copied_bytes;
}

void pm_tally_add(struct ipc_tally *sum, const struct ipc_tally *one)
{
	fields(sum, one, 1);
	if (one->in_flight_max > sum->in_flight_max)
		sum->in_flight_max = one->in_flight_max;
}

void pm_tally_sub(struct ipc_tally *sum, const struct ipc_tally *one)
{
	fields(sum, one, UINT64_MAX);
}

/* The same intervals, counted from the first receipt of all. */
static void add_series(struct pm_series *sum, const struct pm_series *one,
		       uint64_t start, uint64_t own_start)
{
	size_t shift;

	if (!sum->interval_ticks)
		return;
	shift = (size_t)((own_start - start) / sum->interval_ticks);
	for (size_t i = 0; i < one->count && i + shift < sum->room; i++) {
		for (; sum->count <= i + shift; sum->count++)
			sum->messages[sum->count] = sum->bytes[sum->count] = 0;
		sum->messages[i + shift] += one->messages[i];
		sum->bytes[i + shift] += one->bytes[i];
	}
}

/* From the first start to the last end. */
static void add_times(struct pm_phase_plan *sum,
		      const struct pm_phase_plan *one, bool first)
{
	if (first || one->start_ticks < sum->start_ticks)
		sum->start_ticks = one->start_ticks;
	if (first || one->end_ticks > sum->end_ticks)
		sum->end_ticks = one->end_ticks;
	sum->stopped |= one->stopped;
	sum->timed_every = one->timed_every;
}

static void add_integrity(struct pm_integrity *sum,
			  const struct pm_integrity *one)
{
	sum->lost += one->lost;
	sum->repeated += one->repeated;
	sum->reordered += one->reordered;
	sum->corrupt += one->corrupt;
}

/* Of a lane of several links: what each of them has for itself. */
static void add_links(struct pm_worker *w, const struct pm_lane *lane)
{
	for (unsigned i = 0; i < lane->count; i++) {
		const struct pm_lane_link *link = &lane->links[i];

		add_integrity(&w->run.integrity, &link->run.integrity);
		if (w->run.hist && link->run.hist == &link->hist)
			pm_hist_merge(w->run.hist, &link->hist);
	}
}

static void add_lane(struct pm_worker *w, const struct pm_lane *lane,
		     struct pm_snapshot *after)
{
	w->run.seq += lane->w.run.seq;
	w->run.bytes += lane->w.run.bytes;
	add_integrity(&w->run.integrity, &lane->w.run.integrity);
	if (w->run.hist && lane->w.run.hist)
		pm_hist_merge(w->run.hist, lane->w.run.hist);
	if (lane->links)
		add_links(w, lane);
	pm_tally_add(&after->in, &lane->in);
	pm_tally_add(&after->out, &lane->out);
	after->waits += lane->waits;
}

static void report_one(struct pm_worker *w, unsigned number,
		       const struct pm_run *run, uint64_t first, uint64_t last)
{
	struct pm_client c = {
		.messages = run->seq,
		.bytes = run->bytes,
		.first_ns = ipc_ns(&w->run.clock, first - w->plan.start_ticks),
		.last_ns = ipc_ns(&w->run.clock, last - w->plan.start_ticks),
	};
	bool apart = w->cell.config.io.clients <= PM_APART_MAX;

	pm_report_client(&w->report, number,
			 w->role == PM_CONSUMER ? &c : NULL,
			 w->duplex ? "rtt" : "time_in_pipe",
			 apart && (w->duplex || w->role == PM_CONSUMER)
				 ? run->hist : NULL);
}

static void report_clients(struct pm_worker *w, const struct pm_lane *lane)
{
	const struct pm_phase_plan *plan = &lane->w.plan;

	if (!lane->links)
		report_one(w, w->role == PM_CONSUMER ? lane->w.client
						     : lane->w.first,
			   &lane->w.run, plan->start_ticks, plan->end_ticks);
	for (unsigned i = 0; lane->links && i < lane->count; i++)
		report_one(w, lane->links[i].client, &lane->links[i].run,
			   lane->links[i].first_ticks,
			   lane->links[i].last_ticks);
}

void pm_many_report(struct pm_many *m, struct pm_snapshot *before,
		    struct pm_snapshot *after)
{
	struct pm_worker *w = m->w;

	w->asked_bytes = m->lanes[0].w.asked_bytes;
	w->effective_bytes = m->lanes[0].w.effective_bytes;
	w->warmup_ns = m->lanes[0].w.warmup_ns;
	memcpy(w->how, m->lanes[0].w.hub->how, sizeof(w->how));
	memcpy(w->peer, m->lanes[0].w.peer, sizeof(w->peer));
	w->run.seq = w->run.bytes = 0;
	for (unsigned i = 0; i < m->count; i++) {
		add_times(&w->plan, &m->lanes[i].w.plan, !i);
		add_lane(w, &m->lanes[i], after);
	}
	for (unsigned i = 0; i < m->count; i++) {
		add_series(&w->series, &m->lanes[i].w.series,
			   w->plan.start_ticks,
			   m->lanes[i].w.plan.start_ticks);
		report_clients(w, &m->lanes[i]);
	}
	pm_worker_report(w, before, after);
	if (w->role == PM_CONSUMER)
		pm_report_metric(&w->report, "fins", w->links);
}
