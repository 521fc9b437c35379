/* The life of one end: open, hello, warm-up, barrier, measure, report. */
#include "bench/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "ipc/mem.h"
#include "ipc/sys.h"

/* A chunk of messages between two looks at the clock, see phase.c. */
enum { CHUNK_NS = 20000, SERIES_ROOM_MAX = 65536 };

static enum ipc_rc say(struct pm_worker *w, const char *line)
{
	if (!w->control)
		return IPC_OK;
	return ipc_channel_send(&w->channel, line, strlen(line), &w->err);
}

/* Wait for one word of the runner; by hand nobody says it. */
static enum ipc_rc hear(struct pm_worker *w, const char *word)
{
	char *line;
	enum ipc_rc rc;

	if (!w->control)
		return IPC_OK;
	rc = ipc_channel_line(&w->channel, UINT64_MAX, &line, &w->err);
	if (!rc && strcmp(line, word))
		rc = ipc_refusef(&w->err, IPC_TIMEOUT, "control",
				 "told to %.40s", line);
	return rc;
}

static enum ipc_rc open_control(struct pm_worker *w)
{
	ipc_handle handles[2];
	char one[32];
	const char *comma = strchr(w->control, ',');

	if (!comma)
		return ipc_refuse(&w->err, IPC_INVALID, "--control",
				  w->control);
	snprintf(one, sizeof(one), "%.*s", (int)(comma - w->control),
		 w->control);
	if (ipc_handle_parse(one, &handles[0]) ||
	    ipc_handle_parse(comma + 1, &handles[1]))
		return ipc_refuse(&w->err, IPC_INVALID, "--control",
				  w->control);
	ipc_die_with_parent();
	ipc_interrupt_ignore();
	return ipc_channel_open(&w->channel, handles[0], handles[1], &w->err);
}

static enum ipc_rc settle(struct pm_worker *w)
{
	const struct pm_config *config = &w->cell.config;
	enum ipc_rc rc;

	rc = w->clock_text
	     ? ipc_clock_adopt(w->clock_text, &w->run.clock, &w->err)
	     : ipc_clock_measure(&w->run.clock, &w->err);
	if (!rc && w->cpu >= 0)
		rc = ipc_pin((unsigned)w->cpu, &w->err);
	if (!rc && strcmp(config->priority, "normal"))
		rc = ipc_set_priority(config->priority, &w->err);
	if (!rc && config->lock_memory)
		rc = ipc_lock_memory(&w->err);
	return rc;
}

static enum ipc_rc resolve(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	w->duplex = c->workload == PM_WORKLOAD_PINGPONG;
	w->paced = c->workload == PM_WORKLOAD_PACED;
	rc = ipc_resolve(&c->io, w->duplex, c->message_min,
			 c->message > c->reply ? c->message : c->reply,
			 &w->pairing, &w->err);
	w->engine = w->role == PM_PRODUCER ? w->pairing.producer
					   : w->pairing.consumer;
	return rc;
}

static bool is_careful(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	size_t least = sizeof(struct pm_msg);

	return c->verify || w->foreign || c->message_min != c->message ||
	       c->message < least || (w->duplex && c->reply < least) ||
	       w->delay_ns || c->calls || c->trace;
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
	bool careful = is_careful(w);

	w->plan.plain = loops[careful ? PM_CAREFUL : PM_PLAIN];
	w->plan.timed = loops[careful ? PM_CAREFUL : PM_STAMPED];
}

/* A stamp needs 16 bytes; a round trip is timed without one. */
static bool can_time(const struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;

	if (c->stamp == IPC_WORD(1))
		return false;
	if (w->duplex)
		return w->role == PM_PRODUCER;
	return c->message_min >= sizeof(struct pm_msg) && !w->foreign;
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

static enum ipc_rc prepare(struct pm_worker *w)
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
	w->run.foreign = w->foreign;
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
	if (!c->count && c->interval && c->time / c->interval * 2 < room)
		room = (size_t)(c->time / c->interval) * 2 + 64;
	if (!rc && (w->role == PM_CONSUMER))
		rc = pm_series_init(&w->series,
				    ipc_to_ticks(clock, c->interval), room,
				    &w->err);
	return rc;
}

static void next_wants(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	size_t want = w->role == PM_PRODUCER ? c->reply : c->message;

	w->run.end = w->end;
	w->run.hub = w->hub;
	w->end->want = want ? want : 1;
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

	if (w->foreign || run->closing_count == UINT64_MAX ||
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
static uint64_t choose_timed_every(const struct pm_worker *w)
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

static enum ipc_rc warm_up(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	bool produces = w->role == PM_PRODUCER;
	enum ipc_rc rc = IPC_OK;
	char line[64];

	if (w->foreign)
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
	if (!produces && check_count(w))
		return w->err.rc;
	snprintf(line, sizeof(line), "warmed %" PRIu64 "\n", w->run.seq);
	return say(w, line);
}

static enum ipc_rc produce(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	w->plan.timed_every = choose_timed_every(w);
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, c->time);
	w->plan.count = c->count;
	start_measuring(w);
	rc = pm_produce(&w->run, &w->plan);
	if (!rc && !w->foreign)
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

static enum ipc_rc live(struct pm_worker *w)
{
	struct pm_snapshot before, after;
	enum ipc_rc rc = settle(w);

	if (!rc)
		rc = resolve(w);
	if (!rc && w->stress)
		rc = pm_worker_stress(w);
	if (!rc)
		rc = prepare(w);
	if (!rc)
		rc = pm_worker_open(w);
	if (rc)
		return rc;
	rc = pm_worker_hello(w);
	next_wants(w);
	if (!rc)
		rc = say(w, "ready\n");
	if (!rc)
		rc = hear(w, "warm");
	if (!rc)
		rc = warm_up(w);
	if (!rc)
		rc = hear(w, "go");
	if (!rc && w->control)
		rc = ipc_channel_watch(&w->channel, &w->stop, &w->err);
	if (rc)
		return rc;
	pm_worker_snapshot(w, &before);
	rc = w->role == PM_PRODUCER ? produce(w) : consume(w);
	pm_worker_snapshot(w, &after);
	if (!rc)
		pm_worker_report(w, &before, &after);
	return rc;
}

static enum ipc_rc write_out(struct pm_worker *w)
{
	FILE *file;

	if (!w->out_path)
		return IPC_OK;
	file = ipc_file_create(w->out_path, &w->err);
	if (!file)
		return w->err.rc;
	if (fputs(w->report.text, file) < 0 || fclose(file))
		return ipc_fail(&w->err, "write", w->out_path);
	return IPC_OK;
}

/* The link may be stdout; then what is measured goes to stderr. */
static enum ipc_rc tell(struct pm_worker *w, enum ipc_rc rc)
{
	bool out_is_link = w->link_spec && !strcmp(w->link_spec, "-") &&
			   (w->role == PM_PRODUCER || w->duplex);
	char text[512];

	if (rc)
		pm_report_error(&w->report, &w->err);
	if (w->control) {
		if (!w->report.failed)
			ipc_channel_send(&w->channel, w->report.text,
					 w->report.length, NULL);
		ipc_channel_send(&w->channel, "end\n", 4, NULL);
		return rc;
	}
	if (!rc)
		rc = write_out(w);
	if (rc)
		fprintf(stderr, "pipemark-%s: %s\n", pm_end_names[w->role],
			ipc_err_text(&w->err, text, sizeof(text)));
	else
		pm_report_print(&w->report, out_is_link ? stderr : stdout);
	return rc;
}

static int status_of(enum ipc_rc rc)
{
	return rc == IPC_OK            ? 0
	       : rc == IPC_INVALID     ? 2
	       : rc == IPC_UNSUPPORTED ? 3
				       : 4;
}

int pm_worker_main(int role, int argc, char **argv)
{
	static struct pm_worker worker; /* large, and one a process */
	struct pm_worker *w = &worker;
	enum ipc_rc rc = IPC_OK;
	int status;

	ipc_program_start(&argc, &argv);
	w->role = role;
	w->link = (struct ipc_link)IPC_LINK_INIT;
	status = pm_worker_args(w, argc, argv);
	if (status != PM_ARGS_GO)
		return status;
	w->report.end = role;
	if (w->control && open_control(w)) {
		char text[512];

		fprintf(stderr, "pipemark-%s: %s\n", pm_end_names[role],
			ipc_err_text(&w->err, text, sizeof(text)));
		return 2;
	}
	rc = live(w);
	pm_worker_close(w);
	pm_worker_stressed(w);
	rc = tell(w, rc);
	pm_report_free(&w->report);
	return status_of(rc);
}
