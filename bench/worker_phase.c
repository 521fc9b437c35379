/* An end's phases: what is prepared, the warm-up, the measured one. */
#include "bench/worker.h"

#include <inttypes.h>

#include "bench/knob.h"
#include "ipc/sys.h"

/* A chunk of messages between two looks at the clock, see phase.c: not so
 * short that the looks cost a round trip of 5 us anything. */
enum { CHUNK_NS = 100000 };
/* Steps of a series, and of one of several clients', which are many. */
enum { SERIES_ROOM_MAX = 65536, LANE_ROOM_MAX = 256 };

static bool is_careful(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;

	return c->verify || w->foreign || c->message_min != c->message ||
	       !c->message || (w->duplex && !c->reply) || w->delay_ns ||
	       c->calls || c->trace;
}

/* No room for what the ordinary loops write. */
static bool is_small(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	size_t least = sizeof(struct pm_msg);

	return c->message < least || (w->duplex && c->reply < least);
}

static pm_loop *const *loops_of(const struct pm_worker *w)
{
	if (w->role == PM_PRODUCER)
		return w->duplex  ? pm_ping_loops
		       : w->paced ? pm_pace_loops
				  : pm_send_loops;
	return w->duplex			? pm_echo_loops
	       : w->paced && !w->foreign	? pm_arrive_loops
						: pm_receive_loops;
}

static void choose_loops(struct pm_worker *w)
{
	pm_loop *const *loops = loops_of(w);
	bool small = is_small(w);

	w->plan.plain = loops[small ? PM_SMALL : PM_PLAIN];
	w->plan.timed = loops[small ? PM_SMALL_STAMPED : PM_STAMPED];
	if (is_careful(w) || !w->plan.plain)
		w->plan.plain = w->plan.timed = loops[PM_CAREFUL];
}

/* A stamp needs 16 bytes; a round trip is timed without one. */
static bool can_time(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;

	if (pm_untimed(c) || c->workload == PM_WORKLOAD_CONNECT)
		return false;
	if (w->duplex)
		return w->role == PM_PRODUCER;
	return c->message_min >= sizeof(struct pm_msg) && !w->foreign &&
	       !w->opaque;
}

static void prepare_pace(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;

	w->pace = (struct pm_pace){
		.rate = c->rate,
		.seed = w->seed,
		.poisson = c->arrival == PM_ARRIVAL_POISSON,
		.sleeps = c->pacer == PM_PACER_SLEEP,
		.clock = &w->run.clock,
		.stop = &w->stop,
		.collect_bytes = c->io.collect,
		.collect_ticks = ipc_to_ticks(&w->run.clock,
					      c->collect_timeout),
	};
	w->run.pace = &w->pace;
	if (w->pace.sleeps)
		ipc_sleep_finely();
}

enum ipc_rc pm_worker_prepare(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	const struct ipc_clock *clock = &w->run.clock;
	size_t room = SERIES_ROOM_MAX;
	enum ipc_rc rc;

	w->run.io = w->engine;
	w->run.header = w->paced ? sizeof(struct pm_paced_msg)
				 : sizeof(struct pm_msg);
	w->run.size = c->message;
	w->run.size_min = c->message_min;
	w->run.reply = c->reply;
	w->run.verify = c->verify;
	w->run.foreign = w->foreign || w->opaque;
	w->run.lengths = 1;
	w->run.delay_ticks = ipc_to_ticks(clock, w->delay_ns);
	w->plan.stop = &w->stop;
	w->plan.chunk_ticks = ipc_to_ticks(clock, CHUNK_NS);
	if (c->drain < PM_DRAIN_END && !w->null)
		w->plan.drain_every = c->drain;
	choose_loops(w);
	if (w->paced && w->role == PM_PRODUCER)
		prepare_pace(w);
	rc = pm_worker_hists(w, can_time(w));
	if (!rc && w->shares && w->run.hist)
		pm_hist_rest(w->run.hist);
	if (!c->count && c->interval && c->time / c->interval * 2 < room)
		room = (size_t)(c->time / c->interval) * 2 + 64;
	if (w->shares && room > LANE_ROOM_MAX)
		room = LANE_ROOM_MAX;
	if (!rc && (w->role == PM_CONSUMER))
		rc = pm_series_init(&w->series,
				    ipc_to_ticks(clock, c->interval), room,
				    &w->err);
	return rc;
}

/* Warm-up ended: the same run again, from nothing. */
static void start_measuring(struct pm_worker *w)
{
	w->run.seq = w->run.bytes = 0;
	w->run.closed = false;
	pm_worker_forget(w);
	w->plan.series = &w->series;
}

/* The closing message says how many there were; a lost one is no speed. */
static enum ipc_rc check_count(struct pm_worker *w)
{
	struct pm_run *run = &w->run;

	if (w->run.foreign || run->closing_count == UINT64_MAX ||
	    run->closing_count == run->seq)
		return IPC_OK;
	return ipc_refusef(&w->err, IPC_CORRUPT, "closing message",
			   "the producer sent %" PRIu64 " messages, %" PRIu64
			   " came", run->closing_count, run->seq);
}

/* The least prime that is not below n: never in step with a chain or a ring. */
static uint64_t prime_from(uint64_t n)
{
	for (;; n++) {
		uint64_t d = 2;

		while (d * d <= n && n % d)
			d++;
		if (n > 1 && d * d > n)
			return n;
	}
}

/*
 * 1 in how many messages is timed: every one where a look at the clock costs
 * less than 1 % of a message, else so many that it does.
 */
uint64_t pm_worker_timed_every(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	double message_ns, share;

	if (w->paced)
		return 1;
	if (!w->run.hist)
		return 0;
	if (c->stamp != IPC_WORD(0))
		return c->stamp;
	if (!w->run.seq)
		return w->duplex ? 1 : 11;
	message_ns = (double)w->warmup_ns / (double)w->run.seq;
	share = w->run.clock.read_ns / message_ns;
	if (share <= 0.01)
		return 1;
	/* Between untimed messages a round trip needs two looks, not one. */
	return prime_from((uint64_t)(share * (w->duplex ? 200 : 100)) + 1);
}

enum ipc_rc pm_worker_warm_up(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	bool produces = w->role == PM_PRODUCER;
	enum ipc_rc rc = IPC_OK;

	if (w->run.foreign) /* nobody can say, or see, when it ends */
		return IPC_OK;
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, c->warmup);
	w->plan.timed_every = !produces && w->run.hist;
	if (produces && c->warmup)
		rc = pm_produce(&w->run, &w->plan);
	else if (!produces)
		rc = pm_consume(&w->run, &w->plan);
	w->warmup_ns = pm_worker_plan_ns(w);
	if (!rc && produces)
		rc = pm_send_closing(&w->run);
	if (rc) {
		w->err = w->run.err;
		return rc;
	}
	return produces ? IPC_OK : check_count(w);
}

static enum ipc_rc produce(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	w->plan.timed_every = pm_worker_timed_every(w);
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, c->time);
	w->plan.count = c->count;
	start_measuring(w);
	rc = pm_produce(&w->run, &w->plan);
	if (!rc && !w->run.foreign)
		rc = pm_send_closing(&w->run);
	if (!rc && w->engine->flush(w->end))
		rc = pm_run_failed(&w->run, &w->end->err);
	if (rc)
		w->err = w->run.err;
	if (!rc && c->drain != PM_DRAIN_NONE && !w->null)
		rc = ipc_link_drain(&w->end->link, 0, &w->err);
	return rc;
}

static enum ipc_rc consume(struct pm_worker *w)
{
	enum ipc_rc rc;

	w->plan.timed_every = w->run.hist != NULL;
	start_measuring(w);
	rc = pm_consume(&w->run, &w->plan);
	if (rc)
		w->err = w->run.err;
	else
		rc = check_count(w);
	return rc;
}

enum ipc_rc pm_worker_measure(struct pm_worker *w)
{
	return w->role == PM_PRODUCER ? produce(w) : consume(w);
}
