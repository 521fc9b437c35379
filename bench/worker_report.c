/* What an end reports of a measured phase. */
#include <stdio.h>
#include <string.h>

#include "bench/worker.h"
#include "ipc/sys.h"

/* The target is missed if the end is 1 % of the time behind the plan. */
enum { MISSED_SHARE = 100 };

void pm_worker_snapshot(const struct pm_worker *w, struct pm_snapshot *s)
{
	ipc_usage_now(&s->usage);
	s->in = w->end->in;
	s->out = w->end->out;
	s->waits = w->hub->waits;
	s->cpu = ipc_current_cpu();
}

uint64_t pm_worker_plan_ns(const struct pm_worker *w)
{
	return ipc_ns(&w->run.clock, w->plan.end_ticks - w->plan.start_ticks);
}

static void report_usage(struct pm_report *r, const struct ipc_usage *a,
			 const struct ipc_usage *b)
{
	pm_report_cost(r, "cpu_user", (double)(b->cpu_user_ns - a->cpu_user_ns));
	pm_report_cost(r, "cpu_sys", (double)(b->cpu_sys_ns - a->cpu_sys_ns));
	if (b->vol_switches != IPC_UNKNOWN) {
		pm_report_cost(r, "vol_switches",
			       (double)(b->vol_switches - a->vol_switches));
		pm_report_cost(r, "invol_switches",
			       (double)(b->invol_switches - a->invol_switches));
	}
	if (b->faults != IPC_UNKNOWN)
		pm_report_cost(r, "faults", (double)(b->faults - a->faults));
	if (b->resident_max_bytes != IPC_UNKNOWN)
		pm_report_cost(r, "resident_max",
			       (double)b->resident_max_bytes);
}

static uint64_t both(const struct pm_snapshot *a, const struct pm_snapshot *b,
		     size_t offset)
{
	const char *from = (const char *)a, *to = (const char *)b;
	uint64_t in0, in1, out0, out1;

	memcpy(&in0, from + offsetof(struct pm_snapshot, in) + offset, 8);
	memcpy(&in1, to + offsetof(struct pm_snapshot, in) + offset, 8);
	memcpy(&out0, from + offsetof(struct pm_snapshot, out) + offset, 8);
	memcpy(&out1, to + offsetof(struct pm_snapshot, out) + offset, 8);
	return in1 - in0 + out1 - out0;
}
#define BOTH(field) both(a, b, offsetof(struct ipc_tally, field))

/* A high-water mark since attach; 0 where an engine has nothing in flight. */
static uint64_t in_flight_max(const struct pm_snapshot *at)
{
	return at->in.in_flight_max > at->out.in_flight_max
		       ? at->in.in_flight_max : at->out.in_flight_max;
}

static void report_tally(struct pm_report *r, const struct pm_snapshot *a,
			 const struct pm_snapshot *b)
{
	double messages = (double)BOTH(messages), ops = (double)BOTH(ops);
	double calls = (double)(BOTH(calls) + b->waits - a->waits);

	pm_report_cost(r, "syscalls", calls);
	pm_report_cost(r, "short_transfers", (double)BOTH(partials));
	pm_report_cost(r, "retries", (double)BOTH(retries));
	pm_report_cost(r, "copied_bytes", (double)BOTH(copied_bytes));
	if (in_flight_max(b))
		pm_report_cost(r, "in_flight_max", (double)in_flight_max(b));
	if (ops > 0)
		pm_report_cost(r, "messages_per_op", messages / ops);
	if (messages > 0)
		pm_report_cost(r, "calls_per_message", calls / messages);
}

/*
 * From the first receipt to the last one, the closing message's: as many
 * messages came in that time as there were before it, itself counted for the
 * first.
 */
static void report_rates(struct pm_worker *w)
{
	struct pm_report *r = &w->report;
	double seconds = (double)pm_worker_plan_ns(w) / 1e9;
	double waited = w->paced
			? (double)ipc_ns(&w->run.clock, w->pace.waited) : 0;

	pm_report_value(r, "messages", w->run.seq);
	pm_report_value(r, "bytes", w->run.bytes);
	pm_report_value(r, "measure_ns", pm_worker_plan_ns(w));
	if (w->asked_bytes != IPC_BUFFER_OS)
		pm_report_value(r, "asked_bytes", w->asked_bytes);
	if (w->run.seq < 2 || seconds <= 0) {
		pm_report_value(r, "warnings", PM_WARN_FEW);
		return;
	}
	pm_report_metric(r, "messages_per_s", (double)w->run.seq / seconds);
	if (w->null)
		pm_report_metric(r, "floor", (seconds * 1e9 - waited) /
						     (double)w->run.seq);
	else if (w->run.bytes)
		pm_report_metric(r, "bytes_per_s",
				 (double)w->run.bytes / seconds);
}

static unsigned find_warnings(const struct pm_worker *w,
			      const struct pm_snapshot *a,
			      const struct pm_snapshot *b)
{
	unsigned warnings = 0;

	if (w->asked_bytes != IPC_BUFFER_OS && w->effective_bytes &&
	    w->effective_bytes < w->asked_bytes)
		warnings |= PM_WARN_CLAMPED;
	if (w->plan.stopped)
		warnings |= PM_WARN_STOPPED;
	if (w->cpu >= 0 && (a->cpu != w->cpu || b->cpu != w->cpu))
		warnings |= PM_WARN_MOVED;
	/* A paced producer sets the pace itself; see behind. */
	if (!w->paced && pm_series_unsteady(&w->series))
		warnings |= PM_WARN_NOT_STEADY;
	return warnings;
}

/* How far the producer was behind its plan when it ended. */
static void report_pace(struct pm_worker *w)
{
	const struct pm_pace *p = &w->pace;
	uint64_t end = w->plan.end_ticks, elapsed = end - p->start;
	uint64_t behind = end > p->next ? end - p->next : 0;
	bool missed = behind * MISSED_SHARE > elapsed;
	double rate = (double)w->run.clock.rate;

	pm_report_metric(&w->report, "behind",
			 (double)ipc_ns(&w->run.clock, behind));
	if (w->run.seq && p->next > p->start)
		pm_report_metric(&w->report, "offered_per_s",
				 (double)(w->run.seq + 1) * rate /
					 (double)(p->next - p->start));
	pm_report_metric(&w->report, "target_missed", missed);
	if (missed)
		pm_report_value(&w->report, "warnings", PM_WARN_MISSED);
}

/* The part of its time that the producer looked at the clock. */
static double stamp_share(const struct pm_worker *w)
{
	uint64_t waited = w->paced ? w->pace.waited : 0;
	double busy_ns = (double)ipc_ns(&w->run.clock, w->plan.end_ticks -
					w->plan.start_ticks - waited);
	double every = (double)w->plan.timed_every;
	/* Round trips are timed back to back; the paced loop looks twice. */
	double reads = w->paced || (w->duplex && every > 1) ? 2 : 1;

	if (every <= 0 || busy_ns <= 0)
		return 0;
	return w->run.clock.read_ns * reads / every * (double)w->run.seq /
	       busy_ns;
}

static void report_cost(struct pm_worker *w)
{
	pm_report_cost(&w->report, "floor", pm_worker_floor(w));
	if (w->role == PM_PRODUCER && !w->foreign)
		pm_report_metric(&w->report, "stamp_share", stamp_share(w));
}

static void report_integrity(struct pm_report *r, const struct pm_integrity *i)
{
	pm_report_value(r, "lost", i->lost);
	pm_report_value(r, "repeated", i->repeated);
	pm_report_value(r, "reordered", i->reordered);
	pm_report_value(r, "corrupt", i->corrupt);
}

static void report_how(struct pm_worker *w)
{
	char text[sizeof(w->peer) + sizeof(w->how) + 2];
	const char *how = w->hub ? w->hub->how : w->how;
	bool both = how[0] && w->peer[0];

	snprintf(text, sizeof(text), "%s%s%s", w->peer, both ? "; " : "",
		 how);
	pm_report_text(&w->report, "how", text);
}

void pm_worker_report(struct pm_worker *w, const struct pm_snapshot *a,
		       const struct pm_snapshot *b)
{
	struct pm_report *r = &w->report;

	r->end = w->role;
	if (w->role == PM_CONSUMER || w->null || w->alone)
		report_rates(w);
	if (w->role == PM_PRODUCER) {
		pm_report_value(r, "sent", w->run.seq);
		pm_report_value(r, "warmup_ns", w->warmup_ns);
		pm_report_metric(r, "stamp_every", (double)w->plan.timed_every);
		if (!w->null && w->run.bytes && pm_worker_plan_ns(w))
			pm_report_metric(r, "send_bytes_per_s",
					 (double)w->run.bytes * 1e9 /
						 (double)pm_worker_plan_ns(w));
	}
	pm_worker_report_hists(w);
	if (w->paced && w->role == PM_PRODUCER)
		report_pace(w);
	report_cost(w);
	report_usage(r, &a->usage, &b->usage);
	report_tally(r, a, b);
	report_integrity(r, &w->run.integrity);
	pm_report_value(r, "effective_bytes", w->effective_bytes);
	pm_report_value(r, "cpu_start", (uint64_t)(int64_t)a->cpu);
	pm_report_value(r, "cpu_end", (uint64_t)(int64_t)b->cpu);
	pm_report_value(r, "warnings", find_warnings(w, a, b));
	report_how(w);
	pm_report_series(r, &w->series, w->cell.config.interval);
}

