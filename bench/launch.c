/*
 * The trial's life, seen from the runner:
 *
 *     spawn -> all ready -> warm -> all warmed -> go -> all end
 *
 * with a deadline over all of it.  Whoever is still there then is asked to
 * stop, and killed if it does not answer.  There is one consumer, and a
 * producer for each client, 64 at most.
 */
#include "bench/launch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/diagnose.h"
#include "bench/flight.h"
#include "bench/judge.h"
#include "bench/lastops.h"
#include "bench/report.h"
#include "ipc/sys.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
	GRACE_MS = 1000, /* to answer a stop, or to report why it failed */
	AFTER_KILL_MS = 100 /* a killed ring lets go of a pipe this late */
};

/* It says that the other end is no longer there, and not why. */
static bool lost_its_peer(const struct ipc_err *err)
{
	return err->rc == IPC_GONE || err->rc == IPC_EOF;
}

/* Whoever fails closes the pipe first: its peer is often heard before it. */
void pm_flight_fail(struct pm_flight *f, int end, const struct ipc_err *err)
{
	struct pm_trial *t = f->trial;

	if (t->err.rc != IPC_OK &&
	    (!lost_its_peer(&t->err) || lost_its_peer(err)))
		return;
	t->err = *err;
	t->err_end = end;
}

static void tell(struct pm_flight *f, int end, const char *line)
{
	struct ipc_err err;

	for (unsigned i = 0; i < f->count; i++)
		if (f->side[i].end == end && f->side[i].state != PM_SIDE_ENDED)
			/* Nobody there to hear it: its channel will say so. */
			ipc_channel_send(&f->side[i].channel, line,
					 strlen(line), &err);
}

static bool all_at_least(const struct pm_flight *f, int end,
			 enum pm_side_state state)
{
	for (unsigned i = 0; i < f->count; i++)
		if ((end < 0 || f->side[i].end == end) &&
		    f->side[i].state < state)
			return false;
	return true;
}

static bool any_failed(const struct pm_flight *f)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->side[i].failed)
			return true;
	return false;
}

static bool has_consumer(const struct pm_flight *f)
{
	return f->count && f->side[0].end == PM_CONSUMER;
}

static uint64_t warmed_of(const struct pm_flight *f, int end)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < f->count; i++)
		sum += f->side[i].end == end ? f->side[i].warmed : 0;
	return sum;
}

/* What a line of several producers means is known when all have spoken. */
static void hear_figure(struct pm_flight *f, struct pm_side *side,
			const char *line)
{
	if (!strncmp(line, "value sent ", 11))
		side->sent = strtoull(line + 11, NULL, 10);
	if (f->merge && side->end == PM_PRODUCER &&
	    pm_merge_line(f->merge, line)) {
		if (side->links == 1)
			pm_merge_client(f->trial, side->first, line);
		return;
	}
	pm_report_read(line, side->end, f->trial);
}

/* What the line of one end changes for it. */
static void hear(struct pm_flight *f, struct pm_side *side, const char *line)
{
	if (!strcmp(line, "ready")) {
		side->state = PM_SIDE_READY;
	} else if (!strncmp(line, "warmed ", 7)) {
		side->state = PM_SIDE_WARMED;
		side->warmed = strtoull(line + 7, NULL, 10);
	} else if (!strcmp(line, "end")) {
		side->state = PM_SIDE_ENDED;
	} else if (pm_lastops_heard(line)) {
		side->ring = pm_lastops_heard(line);
	} else if (!strncmp(line, "error ", 6)) {
		struct pm_trial probe = { .err_end = -1 };

		side->failed = true;
		if (pm_report_read(line, side->end, &probe))
			pm_flight_fail(f, side->end, &probe.err);
	} else {
		hear_figure(f, side, line);
	}
}

static void start_measuring(struct pm_flight *f)
{
	uint64_t sent = warmed_of(f, PM_PRODUCER);
	uint64_t came = warmed_of(f, PM_CONSUMER);
	struct ipc_err err;

	f->measuring = true;
	f->trial->phase = PM_PHASE_MEASURE;
	if (has_consumer(f) && sent != came) {
		ipc_refusef(&err, IPC_CORRUPT, "warm-up",
			    "the producer sent %" PRIu64 " messages, %" PRIu64
			    " came", sent, came);
		pm_flight_fail(f, -1, &err);
		f->side[0].failed = true;
		return;
	}
	tell(f, PM_CONSUMER, "go\n");
	tell(f, PM_PRODUCER, "go\n");
}

/* Where the trial is, and what that makes possible. */
static void advance(struct pm_flight *f)
{
	struct pm_trial *t = f->trial;

	if (any_failed(f) || f->measuring)
		return;
	if (!f->warming && all_at_least(f, -1, PM_SIDE_READY)) {
		f->warming = true;
		t->setup_ns = ipc_wall_ns() - t->start_ns;
		t->phase = PM_PHASE_WARMUP;
		tell(f, PM_CONSUMER, "warm\n");
		tell(f, PM_PRODUCER, "warm\n");
	}
	if (!f->warming)
		return;
	if (all_at_least(f, PM_PRODUCER, PM_SIDE_WARMED))
		t->phase = PM_PHASE_DRAIN;
	if (all_at_least(f, -1, PM_SIDE_WARMED))
		start_measuring(f);
}

/* It ended without a word: how its process ended is the reason. */
static void lost(struct pm_flight *f, struct pm_side *side)
{
	struct ipc_exit how = { 0 };
	struct ipc_err err;

	if (side->state == PM_SIDE_ENDED)
		return;
	side->state = PM_SIDE_ENDED;
	side->failed = true;
	if (ipc_proc_wait(&side->proc, GRACE_MS * UINT64_C(1000000), &how,
			  &err))
		ipc_refusef(&err, IPC_GONE, pm_end_names[side->end],
			    "closed its channel and does not end");
	else
		ipc_refusef(&err, IPC_GONE, pm_end_names[side->end],
			    how.killed ? "killed by signal %d"
				       : "ended with status %d and no word",
			    how.code);
	/* A death explains the lost peer that the other end reported. */
	if (how.killed || f->trial->err.rc == IPC_OK ||
	    lost_its_peer(&f->trial->err)) {
		f->trial->err = err;
		f->trial->err_end = side->end;
	}
}

static void kill_side(struct pm_side *side)
{
	if (!side->proc.id || side->proc.reaped)
		return;
	ipc_proc_kill(&side->proc);
	side->killed = true;
}

static void time_is_over(struct pm_flight *f)
{
	struct ipc_err err;
	int slow = all_at_least(f, PM_PRODUCER, PM_SIDE_ENDED) ? PM_CONSUMER
							       : PM_PRODUCER;

	if (f->measuring && !f->stopping && !any_failed(f)) {
		f->stopping = true;
		tell(f, PM_PRODUCER, "stop\n");
		f->deadline_ns = ipc_now_ns() + GRACE_MS * UINT64_C(1000000);
		return;
	}
	ipc_refusef(&err, IPC_TIMEOUT, "trial", "%s did not answer in time; "
		    "--timeout gives it longer", pm_end_names[slow]);
	if (!any_failed(f)) {
		bool hangs = !f->launch->late && !ipc_interrupted();

		pm_flight_fail(f, slow, &err);
		for (unsigned i = 0; i < f->count && hangs; i++)
			pm_diagnose(stderr, pm_end_names[f->side[i].end],
				    &f->side[i].proc, f->side[i].ring);
	}
	for (unsigned i = 0; i < f->count; i++) {
		kill_side(&f->side[i]);
		f->side[i].failed = true;
		f->side[i].state = PM_SIDE_ENDED;
	}
}

/* The first producer and the consumer: for a meddler. */
static struct ipc_proc *proc_of(struct pm_flight *f, int end)
{
	static struct ipc_proc nobody;

	for (unsigned i = 0; i < f->count; i++)
		if (f->side[i].end == end)
			return &f->side[i].proc;
	return &nobody;
}

/* When the meddler wants to be called, after perhaps having called it. */
static uint64_t meddle(struct pm_flight *f, uint64_t now)
{
	const struct pm_meddler *m = f->launch->meddler;

	if (!m)
		return f->deadline_ns;
	if (!f->met && f->trial->phase >= m->when) {
		f->met = true;
		f->meddle_ns = now + m->after_ns;
	}
	if (f->meddle_ns && now >= f->meddle_ns) {
		struct ipc_proc *const proc[2] = {
			[PM_PRODUCER] = proc_of(f, PM_PRODUCER),
			[PM_CONSUMER] = proc_of(f, PM_CONSUMER),
		};
		uint64_t next = m->act(m->user, proc);

		f->meddle_ns = next ? now + next : 0;
	}
	return f->meddle_ns && f->meddle_ns < f->deadline_ns ? f->meddle_ns
							     : f->deadline_ns;
}

static void take_line(struct pm_flight *f, struct pm_side *side)
{
	struct ipc_err err;
	char *line;

	switch (ipc_channel_line(&side->channel, 0, &line, &err)) {
	case IPC_OK:
		hear(f, side, line);
		break;
	case IPC_TIMEOUT:
		break;
	default:
		lost(f, side);
	}
	/* One failed: the other has a moment to say what it saw, or did. */
	if (any_failed(f) && !f->stopping) {
		f->stopping = true;
		f->deadline_ns = ipc_now_ns() +
				 GRACE_MS * (lost_its_peer(&f->trial->err)
						     ? UINT64_C(1000000)
						     : UINT64_C(200000));
	}
	advance(f);
}

/* One line, one end of a channel, or a deadline. */
static void step(struct pm_flight *f)
{
	struct ipc_channel *set[PM_SIDES_MAX];
	unsigned sides[PM_SIDES_MAX];
	size_t count = 0, which;
	uint64_t now = ipc_now_ns(), until = meddle(f, now);
	struct ipc_err err;

	for (unsigned i = 0; i < f->count; i++) {
		if (f->side[i].state == PM_SIDE_ENDED)
			continue;
		sides[count] = i;
		set[count++] = &f->side[i].channel;
	}
	if (now >= f->deadline_ns) {
		time_is_over(f);
		return;
	}
	if (ipc_channel_wait(set, count, until > now ? until - now : 0, &which,
			     &err)) {
		if (ipc_interrupted() && !f->stopping)
			f->deadline_ns = now; /* stop, and keep what there is */
		return;
	}
	take_line(f, &f->side[sides[which]]);
}

/* What a trial measures for; a count, at what any pipe should do. */
static uint64_t planned_ns(const struct pm_config *c)
{
	uint64_t each = SECOND_NS / 10000;

	if (!c->count)
		return c->time;
	if (c->rate && SECOND_NS / c->rate > each)
		each = SECOND_NS / c->rate;
	return c->count * each;
}

/* A process more takes its time to start; under Wine, a lot of it. */
static uint64_t timeout_of(const struct pm_launch *l)
{
	const struct pm_config *c = &l->cell->config;

	if (l->timeout_ns)
		return l->timeout_ns;
	return planned_ns(c) + c->warmup + 10 * SECOND_NS +
	       c->io.clients * (SECOND_NS / 10);
}

/* No process is left behind. */
static void reap(struct pm_flight *f)
{
	bool killed = false;

	for (unsigned i = 0; i < f->count; i++) {
		struct pm_side *side = &f->side[i];
		struct ipc_exit how;
		struct ipc_err err;

		if (ipc_proc_wait(&side->proc, GRACE_MS * UINT64_C(1000000),
				  &how, &err))
			kill_side(side);
		killed |= side->killed;
		ipc_channel_close(&side->channel);
	}
	if (f->name[0])
		ipc_name_sweep(f->name);
	if (killed)
		ipc_sleep_ns(AFTER_KILL_MS * UINT64_C(1000000));
}

/* What all of them said together. */
static void check(struct pm_flight *f)
{
	struct pm_trial *t = f->trial;
	struct ipc_err err;
	uint64_t sent = 0;

	for (unsigned i = 0; i < f->count; i++)
		sent += f->side[i].sent;
	if (t->err.rc == IPC_OK && has_consumer(f) && sent != t->messages) {
		ipc_refusef(&err, IPC_CORRUPT, "counts", "the producer sent %"
			    PRIu64 " messages, %" PRIu64 " came", sent,
			    t->messages);
		pm_flight_fail(f, -1, &err);
	}
	if (t->err.rc == IPC_OK &&
	    t->lost + t->repeated + t->reordered + t->corrupt) {
		ipc_refusef(&err, IPC_CORRUPT, "verify", "%" PRIu64 " lost, %"
			    PRIu64 " repeated, %" PRIu64 " reordered, %" PRIu64
			    " corrupt", t->lost, t->repeated, t->reordered,
			    t->corrupt);
		pm_flight_fail(f, PM_CONSUMER, &err);
	}
}

struct steal_reading {
	uint64_t ticks;
};

static void find_steal(void *user, const char *key, const char *value,
		       const char *why, const char *source)
{
	struct steal_reading *reading = user;

	(void)why;
	(void)source;
	if (!strcmp(key, "steal_ticks") && value)
		reading->ticks = strtoull(value, NULL, 10);
}

static uint64_t steal_now(void)
{
	struct steal_reading reading = { IPC_UNKNOWN };

	ipc_facts_moving(find_steal, &reading);
	return reading.ticks;
}

/* Room for what is known of each client, where there are several. */
static enum ipc_rc make_room(struct pm_flight *f)
{
	uint64_t clients = f->launch->cell->config.io.clients;
	struct ipc_err err;

	if (clients < 2)
		return IPC_OK;
	f->trial->clients = calloc(clients, sizeof(*f->trial->clients));
	f->merge = calloc(1, sizeof(*f->merge));
	if (f->trial->clients && f->merge) {
		f->trial->client_count = (unsigned)clients;
		return IPC_OK;
	}
	ipc_refuse(&err, IPC_NOMEM, "malloc", "clients");
	pm_flight_fail(f, -1, &err);
	return IPC_NOMEM;
}

static void fly(struct pm_flight *f)
{
	if (make_room(f))
		return;
	if (pm_flight_start(f)) {
		for (unsigned i = 0; i < f->count; i++)
			kill_side(&f->side[i]);
		return;
	}
	f->trial->phase = PM_PHASE_OPEN;
	f->deadline_ns = ipc_now_ns() + timeout_of(f->launch);
	while (!all_at_least(f, -1, PM_SIDE_ENDED))
		step(f);
}

void pm_launch(const struct pm_launch *launch, struct pm_trial *trial)
{
	struct pm_flight *f = calloc(1, sizeof(*f));
	uint64_t steal = steal_now();

	if (!f) {
		ipc_refuse(&trial->err, IPC_NOMEM, "malloc", "trial");
		return;
	}
	f->launch = launch;
	f->trial = trial;
	f->link[0] = f->link[1] = (struct ipc_link)IPC_LINK_INIT;
	trial->start_ns = ipc_wall_ns();
	trial->phase = PM_PHASE_SPAWN;
	fly(f);
	reap(f);
	if (f->merge)
		pm_merge_tell(f->merge, trial);
	check(f);
	trial->steal_ticks = steal == IPC_UNKNOWN ? steal
						  : steal_now() - steal;
	pm_judge(trial, &launch->cell->config);
	trial->ok = trial->err.rc == IPC_OK;
	if (trial->ok)
		trial->phase = PM_PHASE_DONE;
	if (f->merge)
		pm_merge_free(f->merge);
	free(f->merge);
	free(f);
}
