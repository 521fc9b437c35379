#include "bench/many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/sys.h"

/* Stages of a lane, each on the thread that the lane belongs to. */

static enum ipc_rc trouble(struct pm_lane *lane, const struct ipc_err *err)
{
	lane->w.err = *err;
	return err->rc;
}

static void bind_link(struct pm_lane *lane, unsigned i, struct ipc_end *end)
{
	struct pm_lane_link *link = &lane->links[i];

	link->run = lane->w.run;
	link->run.end = end;
	link->run.hub = lane->w.hub;
	link->client = lane->w.first + i;
	if (lane->w.run.hist && link->hist.counts)
		link->run.hist = &link->hist;
	end->user = link;
}

static enum ipc_rc attach_all(struct pm_lane *lane)
{
	const struct ipc_engine *io = lane->w.engine;
	enum ipc_rc rc = io->open(&lane->w.cell.config.io, lane->count,
				  &lane->w.hub, &lane->w.err);

	lane->w.run.hub = lane->w.hub;
	for (unsigned i = 0; !rc && i < lane->count; i++) {
		struct ipc_end *end;

		rc = pm_worker_check(&lane->w, &lane->given[i]);
		if (!rc)
			rc = io->attach(lane->w.hub, &lane->given[i], NULL,
					&end, &lane->w.err);
		if (!rc)
			bind_link(lane, i, end);
	}
	return rc;
}

static enum ipc_rc say_hellos(struct pm_lane *lane)
{
	for (unsigned i = 0; i < lane->count; i++)
		if (pm_worker_say_hello(&lane->w, lane->links[i].run.end,
					lane->links[i].client))
			return trouble(lane, &lane->w.run.err);
	return IPC_OK;
}

static enum ipc_rc hear_hellos(struct pm_lane *lane)
{
	struct pm_worker *w = &lane->w;

	for (unsigned i = 0; i < lane->count; i++)
		lane->links[i].run.end->want = sizeof(struct pm_hello);
	for (unsigned i = 0; i < lane->count; i++) {
		struct pm_lane_link *link;
		struct ipc_end *from;
		const void *data;
		int64_t length = w->engine->next(w->hub, &from, &data);

		if (length < 0) {
			pm_run_next_failed(&w->run, from, length);
			return trouble(lane, &w->run.err);
		}
		if (pm_worker_read_hello(w, data, length))
			return trouble(lane, &w->run.err);
		link = from->user;
		link->client = w->client;
		link->want = pm_draw_length(&link->run);
		from->want = link->want ? link->want : 1;
	}
	return IPC_OK;
}

static void want_answers(struct pm_lane *lane)
{
	size_t reply = lane->w.cell.config.reply;

	for (unsigned i = 0; i < lane->count; i++)
		lane->links[i].run.end->want = reply ? reply : 1;
}

static enum ipc_rc open_lane(struct pm_lane *lane)
{
	struct pm_worker *w = &lane->w;
	enum ipc_rc rc = IPC_OK;

	if (lane->many->threads && w->cpu >= 0)
		rc = ipc_pin((unsigned)w->cpu, &w->err);
	if (rc)
		return rc;
	w->asked_bytes = pm_worker_asked(w);
	w->effective_bytes = lane->given[0].effective_bytes;
	if (!lane->links) {
		w->link = lane->given[0];
		lane->given[0] = (struct ipc_link)IPC_LINK_INIT;
		rc = pm_worker_open(w);
		return rc ? rc : pm_worker_hello(w);
	}
	rc = attach_all(lane);
	if (!rc)
		rc = w->role == PM_PRODUCER ? say_hellos(lane)
					    : hear_hellos(lane);
	if (!rc && w->role == PM_PRODUCER)
		want_answers(lane);
	return rc;
}

/* Each link's closing message says how many of its own there were. */
static enum ipc_rc check_counts(struct pm_lane *lane)
{
	for (unsigned i = 0; i < lane->count; i++) {
		const struct pm_run *run = &lane->links[i].run;

		if (run->closing_count != UINT64_MAX &&
		    run->closing_count != run->seq)
			return ipc_refusef(&lane->w.err, IPC_CORRUPT,
					   "closing message",
					   "client %u sent %llu messages, %llu "
					   "came", lane->links[i].client,
					   (unsigned long long)
						   run->closing_count,
					   (unsigned long long)run->seq);
	}
	return IPC_OK;
}

static void reset_links(struct pm_lane *lane)
{
	lane->w.run.seq = lane->w.run.bytes = 0;
	for (unsigned i = 0; i < lane->count; i++) {
		struct pm_run *run = &lane->links[i].run;

		run->seq = run->bytes = 0;
		run->closed = false;
		if (run->hist)
			pm_hist_reset(run->hist);
	}
}

/* The totals of a sending lane; a receiving one has counted them. */
static void add_up(struct pm_lane *lane)
{
	struct pm_run *all = &lane->w.run;

	if (lane->w.role == PM_CONSUMER)
		return;
	all->seq = all->bytes = 0;
	for (unsigned i = 0; i < lane->count; i++) {
		all->seq += lane->links[i].run.seq;
		all->bytes += lane->links[i].run.bytes;
	}
}

static enum ipc_rc phase(struct pm_lane *lane)
{
	enum ipc_rc rc;

	if (lane->w.role == PM_PRODUCER)
		rc = pm_many_produce(lane);
	else
		rc = pm_many_consume(lane);
	if (!rc && lane->w.role == PM_CONSUMER)
		rc = check_counts(lane);
	add_up(lane);
	return rc;
}

static enum ipc_rc warm_lane(struct pm_lane *lane)
{
	struct pm_worker *w = &lane->w;
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	if (!lane->links)
		return pm_worker_warm_up(w);
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, c->warmup);
	rc = phase(lane);
	w->warmup_ns = pm_worker_plan_ns(w);
	return rc;
}

static void tally(struct pm_tally_pair *sum, const struct pm_lane *lane)
{
	if (!lane->links) {
		pm_tally_add(&sum->in, &lane->w.end->in);
		pm_tally_add(&sum->out, &lane->w.end->out);
		return;
	}
	for (unsigned i = 0; i < lane->count; i++) {
		pm_tally_add(&sum->in, &lane->links[i].run.end->in);
		pm_tally_add(&sum->out, &lane->links[i].run.end->out);
	}
}

static enum ipc_rc drain_links(struct pm_lane *lane)
{
	enum ipc_rc rc = IPC_OK;

	if (lane->w.role == PM_CONSUMER ||
	    lane->w.cell.config.drain == PM_DRAIN_NONE)
		return IPC_OK;
	for (unsigned i = 0; !rc && i < lane->count; i++)
		rc = ipc_link_drain(&lane->links[i].run.end->link, 0,
				    &lane->w.err);
	return rc;
}

static enum ipc_rc measure_links(struct pm_lane *lane)
{
	struct pm_worker *w = &lane->w;
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	w->plan.timed_every = pm_worker_timed_every(w);
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, c->time);
	w->plan.count = c->count;
	w->plan.series = w->role == PM_CONSUMER ? &w->series : NULL;
	reset_links(lane);
	rc = phase(lane);
	return rc ? rc : drain_links(lane);
}

/* The end of a lane's life: its hub belongs to this thread. */
static enum ipc_rc measure_lane(struct pm_lane *lane)
{
	struct pm_tally_pair before = { 0 }, after = { 0 };
	uint64_t waits = lane->w.hub->waits;
	enum ipc_rc rc;

	tally(&before, lane);
	rc = lane->links ? measure_links(lane) : pm_worker_measure(&lane->w);
	tally(&after, lane);
	lane->waits = lane->w.hub->waits - waits;
	pm_tally_sub(&after.in, &before.in);
	pm_tally_sub(&after.out, &before.out);
	lane->in = after.in;
	lane->out = after.out;
	return rc;
}

static enum ipc_rc close_lane(struct pm_lane *lane)
{
	pm_worker_close(&lane->w); /* detaches whatever the hub still has */
	return IPC_OK;
}

/* Threads. */

static void lane_main(void *arg)
{
	struct pm_lane *lane = arg;

	for (;;) {
		ipc_sem_wait(lane->go);
		if (!lane->many->stage)
			break;
		lane->rc = lane->many->stage(lane);
		ipc_sem_post(lane->many->done);
	}
	ipc_sem_post(lane->many->done);
}

static enum ipc_rc run_stage(struct pm_many *m, pm_stage *stage)
{
	m->stage = stage;
	if (!m->threads) {
		m->lanes[0].rc = stage ? stage(&m->lanes[0]) : IPC_OK;
	} else {
		for (unsigned i = 0; i < m->count; i++)
			ipc_sem_post(m->lanes[i].go);
		for (unsigned i = 0; i < m->count; i++)
			ipc_sem_wait(m->done);
	}
	for (unsigned i = 0; stage && i < m->count; i++) {
		if (m->lanes[i].rc == IPC_OK)
			continue;
		m->w->err = m->lanes[i].w.err;
		return m->lanes[i].rc;
	}
	return IPC_OK;
}

/* Making lanes. */

static enum ipc_rc make_histograms(struct pm_lane *lane)
{
	const struct pm_config *c = &lane->w.cell.config;
	enum ipc_rc rc = IPC_OK;

	if (!lane->w.run.hist || c->io.clients > PM_APART_MAX)
		return IPC_OK;
	for (unsigned i = 0; !rc && i < lane->count; i++)
		rc = pm_hist_init(&lane->links[i].hist, (unsigned)c->precision,
				  &lane->w.err);
	for (unsigned i = 0; !rc && i < lane->count; i++)
		pm_hist_rest(&lane->links[i].hist);
	return rc;
}

static enum ipc_rc make_lane(struct pm_many *m, struct pm_lane *lane,
			     unsigned first, unsigned count)
{
	enum ipc_rc rc;

	lane->w = *m->w;
	lane->many = m;
	lane->given = m->links + first;
	lane->count = count;
	lane->w.first += first;
	lane->w.links = 1;
	lane->w.shares = m->w->engine->ends_max == 1;
	rc = pm_worker_prepare(&lane->w);
	lane->w.plan.stop = &m->w->stop;
	if (!rc)
		rc = ipc_sem_new(&lane->go, &lane->w.err);
	if (!rc && m->w->engine->ends_max > 1) {
		lane->links = calloc(count, sizeof(*lane->links));
		rc = lane->links ? make_histograms(lane)
				 : ipc_refuse(&lane->w.err, IPC_NOMEM, "calloc",
					      "links");
	}
	if (rc)
		m->w->err = lane->w.err;
	return rc;
}

static enum ipc_rc make_lanes(struct pm_many *m)
{
	unsigned links = m->w->links, most = m->w->engine->ends_max;
	unsigned count = (links + most - 1) / most;
	enum ipc_rc rc = ipc_sem_new(&m->done, &m->w->err);

	if (most > links)
		count = 1;
	m->links = calloc(links, sizeof(*m->links));
	m->lanes = calloc(count, sizeof(*m->lanes));
	if (!m->links || !m->lanes)
		rc = ipc_refuse(&m->w->err, IPC_NOMEM, "calloc", "lanes");
	for (unsigned i = 0; m->links && i < links; i++)
		m->links[i] = (struct ipc_link)IPC_LINK_INIT;
	for (unsigned i = 0, first = 0; !rc && i < count; i++) {
		unsigned own = links / count + (i < links % count);

		rc = make_lane(m, &m->lanes[i], first, own);
		m->count++;
		first += own;
	}
	return rc;
}

/* A single lane needs no thread, and is faster without. */
static enum ipc_rc start_threads(struct pm_many *m)
{
	enum ipc_rc rc = IPC_OK;

	m->threads = m->count > 1;
	for (unsigned i = 0; m->threads && !rc && i < m->count; i++)
		rc = ipc_thread_start(lane_main, &m->lanes[i], &m->w->err);
	return rc;
}

static uint64_t messages_of(const struct pm_many *m)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < m->count; i++)
		sum += m->lanes[i].w.run.seq;
	return sum;
}

static enum ipc_rc live(struct pm_many *m)
{
	struct pm_snapshot before = { .cpu = -1 }, after = { .cpu = -1 };
	struct pm_worker *w = m->w;
	enum ipc_rc rc = pm_worker_links(w, m->links);

	if (!rc)
		rc = start_threads(m);
	if (!rc)
		rc = run_stage(m, open_lane);
	if (!rc)
		rc = pm_worker_ready(w);
	if (!rc)
		rc = run_stage(m, warm_lane);
	if (!rc)
		rc = pm_worker_warmed(w, messages_of(m));
	if (rc)
		return rc;
	ipc_usage_now(&before.usage);
	before.cpu = ipc_current_cpu();
	rc = run_stage(m, measure_lane);
	ipc_usage_now(&after.usage);
	after.cpu = ipc_current_cpu();
	if (!rc)
		pm_many_report(m, &before, &after);
	if (!rc) {
		run_stage(m, close_lane);
		run_stage(m, NULL);
	}
	return rc;
}

/*
 * After a failure other lanes may still wait in the kernel: then the process
 * ends with them, and only after it has said why.  One that is alone closes.
 */
static void give_up(struct pm_many *m)
{
	if (m->threads) {
		m->w->handles = 0; /* not to be counted */
		return;
	}
	for (unsigned i = 0; i < m->count; i++)
		close_lane(&m->lanes[i]);
	for (unsigned i = 0; m->links && i < m->w->links; i++)
		ipc_link_close(&m->links[i]);
}

enum ipc_rc pm_many_live(struct pm_worker *w)
{
	static struct pm_many many; /* one a process */
	enum ipc_rc rc;

	many.w = w;
	rc = make_lanes(&many);
	if (!rc)
		rc = live(&many);
	if (rc)
		give_up(&many);
	return rc;
}
