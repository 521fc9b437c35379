/*
 * The trial's life, seen from the runner:
 *
 *     spawn -> both ready -> warm -> both warmed -> go -> both end
 *
 * with a deadline over all of it.  Whoever is still there then is asked to
 * stop, and killed if it does not answer.
 */
#include "bench/launch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/diagnose.h"
#include "bench/judge.h"
#include "bench/knob.h"
#include "bench/report.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
	ARGS_MAX = 2 * PM_KNOB_MAX + 24,
	ARENA_MAX = 16384,
	GRACE_MS = 1000, /* to answer a stop, or to report why it failed */
	AFTER_KILL_MS = 100 /* a killed ring lets go of a pipe this late */
};

enum side_state { SIDE_NONE, SIDE_OPENING, SIDE_READY, SIDE_WARMED, SIDE_ENDED };

struct side {
	enum side_state    state;
	struct ipc_proc    proc;
	struct ipc_channel channel;
	uint64_t           warmed;  /* messages of the warm-up */
	uint64_t           sent;
	bool               failed;  /* reported an error, or is gone */
	bool               killed;
};

struct flight {
	const struct pm_launch *launch;
	struct pm_trial        *trial;
	struct side             side[2];
	struct ipc_link         link[2]; /* until handed over */
	char                    name[IPC_TEXT_MAX];
	int                     cpu[2];
	uint64_t                deadline_ns;
	uint64_t                meddle_ns; /* the meddler's turn; 0: none */
	bool                    met;       /* the meddler had its chance */
	bool                    warming, measuring, stopping;
};

/* The first failure is the trial's, unless a later one explains it. */
static void fail(struct flight *f, int end, const struct ipc_err *err)
{
	struct pm_trial *t = f->trial;

	if (t->err.rc != IPC_OK)
		return;
	t->err = *err;
	t->err_end = end;
}

static const char *link_text(struct flight *f, int end, char buf[64])
{
	const struct pm_config *c = &f->launch->cell->config;
	const struct ipc_link *link = &f->link[end];

	if (f->name[0])
		return f->name;
	if (c->io.hand_over == IPC_HAND_OVER_STD)
		return "-";
	snprintf(buf, 64, "handles:%lld,%lld", (long long)link->rd,
		 (long long)link->wr); /* -1: this end does not have it */
	return buf;
}

static size_t handles_of(const struct flight *f, int end,
			 const ipc_handle control[2], ipc_handle out[4])
{
	const struct ipc_link *link = &f->link[end];
	size_t count = 2;

	out[0] = control[0];
	out[1] = control[1];
	if (f->launch->cell->config.io.hand_over == IPC_HAND_OVER_STD)
		return count;
	if (link->rd != IPC_NO_HANDLE)
		out[count++] = link->rd;
	if (link->wr != IPC_NO_HANDLE && link->wr != link->rd)
		out[count++] = link->wr;
	return count;
}

struct command {
	const char *argv[ARGS_MAX];
	size_t      argc;
	char        arena[ARENA_MAX];
	char        path[1024], control[64], token[32], cpu[16], link[64];
	char        delay[32], seed[32], clock[IPC_CLOCK_TEXT_MAX];
};

static void add_option(struct command *c, const char *name, const char *value)
{
	c->argv[c->argc++] = name;
	c->argv[c->argc++] = value;
}

static enum ipc_rc make_command(struct flight *f, int end,
				const ipc_handle control[2], struct command *c)
{
	const struct pm_launch *l = f->launch;

	c->argc = 0;
	snprintf(c->path, sizeof(c->path), "%s/pipemark-%s%s", l->folder,
		 pm_end_names[end],
		 strcmp(ipc_host_name(), "windows") ? "" : ".exe");
	c->argv[c->argc++] = c->path;
	snprintf(c->control, sizeof(c->control), "%lld,%lld",
		 (long long)control[0], (long long)control[1]);
	add_option(c, "--control", c->control);
	if (l->pairing->transport)
		add_option(c, "--link", link_text(f, end, c->link));
	add_option(c, "--clock", ipc_clock_print(l->clock, c->clock));
	snprintf(c->token, sizeof(c->token), "%" PRIx64, l->token);
	add_option(c, "--token", c->token);
	snprintf(c->seed, sizeof(c->seed), "%" PRIu64, l->seed);
	add_option(c, "--seed", c->seed);
	if (f->cpu[end] >= 0) {
		snprintf(c->cpu, sizeof(c->cpu), "%d", f->cpu[end]);
		add_option(c, "--cpu", c->cpu);
	}
	if (l->stress[end])
		add_option(c, "--stress", l->stress[end]);
	if (l->delay_ns && end == PM_CONSUMER) {
		snprintf(c->delay, sizeof(c->delay), "%" PRIu64 "ns",
			 l->delay_ns);
		add_option(c, "--inject-delay", c->delay);
	}
	if (pm_config_to_args(&l->cell->config, c->argv, ARGS_MAX, &c->argc,
			      c->arena, sizeof(c->arena)))
		return ipc_refuse(&f->trial->err, IPC_INVALID, "arguments",
				  "too long");
	return IPC_OK;
}

static enum ipc_rc spawn_side(struct flight *f, int end)
{
	const struct pm_config *config = &f->launch->cell->config;
	struct side *side = &f->side[end];
	struct ipc_spawn how = { .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE,
				 .prefix = f->launch->prefix };
	ipc_handle control[2], inherit[4];
	struct command *command;
	struct ipc_err err;
	enum ipc_rc rc;

	command = malloc(sizeof(*command));
	if (!command)
		return ipc_refuse(&f->trial->err, IPC_NOMEM, "malloc", "");
	rc = ipc_channel_pair(&side->channel, control, &err);
	if (rc) {
		free(command);
		fail(f, -1, &err);
		return rc;
	}
	rc = make_command(f, end, control, command);
	if (!rc) {
		how.path = command->path;
		how.argv = command->argv;
		how.inherit = inherit;
		how.inherit_count = handles_of(f, end, control, inherit);
		if (config->io.hand_over == IPC_HAND_OVER_STD) {
			how.std_in = f->link[end].rd;
			how.std_out = f->link[end].wr;
		}
		command->argv[command->argc] = NULL;
		rc = ipc_spawn(&how, &side->proc, &err);
		if (rc)
			fail(f, end, &err);
		else
			side->state = SIDE_OPENING;
	}
	ipc_handle_close(control[0]);
	ipc_handle_close(control[1]);
	free(command);
	return rc;
}

/* An unnamed link is made here; a named one by the end that serves it. */
static enum ipc_rc make_link(struct flight *f)
{
	const struct pm_launch *l = f->launch;
	const struct ipc_pairing *p = l->pairing;
	const struct pm_config *c = &l->cell->config;
	struct ipc_err err;
	enum ipc_rc rc;

	if (!p->transport)
		return IPC_OK;
	if (p->transport->pair)
		rc = p->transport->pair(&c->io, p->consumer_needs,
					p->producer_needs,
					&f->link[PM_CONSUMER],
					&f->link[PM_PRODUCER], &err);
	else if (!strcmp(c->io.name, "random"))
		rc = ipc_name_new(f->name, sizeof(f->name), &err);
	else
		rc = (snprintf(f->name, sizeof(f->name), "%s", c->io.name),
		      IPC_OK);
	if (rc)
		fail(f, -1, &err);
	return rc;
}

static enum ipc_rc tell(struct flight *f, int end, const char *line)
{
	struct ipc_err err;

	if (f->side[end].state == SIDE_NONE ||
	    f->side[end].state == SIDE_ENDED)
		return IPC_OK;
	/* Nobody there to hear it: its end of the channel will say so. */
	return ipc_channel_send(&f->side[end].channel, line, strlen(line),
				&err);
}

static bool all_at_least(const struct flight *f, enum side_state state)
{
	for (int end = 0; end < 2; end++)
		if (f->side[end].state != SIDE_NONE &&
		    f->side[end].state < state)
			return false;
	return true;
}

static bool any_failed(const struct flight *f)
{
	return f->side[0].failed || f->side[1].failed;
}

/* What the line of one end changes for it. */
static void hear(struct flight *f, int end, const char *line)
{
	struct side *side = &f->side[end];

	if (!strcmp(line, "ready")) {
		side->state = SIDE_READY;
	} else if (!strncmp(line, "warmed ", 7)) {
		side->state = SIDE_WARMED;
		side->warmed = strtoull(line + 7, NULL, 10);
	} else if (!strcmp(line, "end")) {
		side->state = SIDE_ENDED;
	} else if (!strncmp(line, "error ", 6)) {
		struct pm_trial probe = { .err_end = -1 };

		side->failed = true;
		if (pm_report_read(line, end, &probe))
			fail(f, end, &probe.err);
	} else {
		if (!strncmp(line, "value sent ", 11))
			side->sent = strtoull(line + 11, NULL, 10);
		pm_report_read(line, end, f->trial);
	}
}

/* Where the trial is, and what that makes possible. */
static void advance(struct flight *f)
{
	struct pm_trial *t = f->trial;
	struct ipc_err err;

	if (any_failed(f))
		return;
	if (!f->warming && all_at_least(f, SIDE_READY)) {
		f->warming = true;
		t->setup_ns = ipc_wall_ns() - t->start_ns;
		t->phase = PM_PHASE_WARMUP;
		tell(f, PM_CONSUMER, "warm\n");
		tell(f, PM_PRODUCER, "warm\n");
	}
	if (f->warming && !f->measuring &&
	    f->side[PM_PRODUCER].state >= SIDE_WARMED)
		t->phase = PM_PHASE_DRAIN;
	if (f->warming && !f->measuring && all_at_least(f, SIDE_WARMED)) {
		f->measuring = true;
		t->phase = PM_PHASE_MEASURE;
		if (f->side[PM_CONSUMER].state != SIDE_NONE &&
		    f->side[0].warmed != f->side[1].warmed) {
			ipc_refusef(&err, IPC_CORRUPT, "warm-up",
				    "the producer sent %" PRIu64 " messages, %"
				    PRIu64 " came", f->side[PM_PRODUCER].warmed,
				    f->side[PM_CONSUMER].warmed);
			fail(f, -1, &err);
			f->side[PM_CONSUMER].failed = true;
			return;
		}
		tell(f, PM_CONSUMER, "go\n");
		tell(f, PM_PRODUCER, "go\n");
	}
}

/* It ended without a word: how its process ended is the reason. */
static void lost(struct flight *f, int end)
{
	struct side *side = &f->side[end];
	struct ipc_exit how = { 0 };
	struct ipc_err err;

	if (side->state == SIDE_ENDED)
		return;
	side->state = SIDE_ENDED;
	side->failed = true;
	if (ipc_proc_wait(&side->proc, GRACE_MS * UINT64_C(1000000), &how,
			  &err))
		ipc_refusef(&err, IPC_GONE, pm_end_names[end],
			    "closed its channel and does not end");
	else
		ipc_refusef(&err, IPC_GONE, pm_end_names[end],
			    how.killed ? "killed by signal %d"
				       : "ended with status %d and no word",
			    how.code);
	/* A death explains the lost peer that the other end reported. */
	if (how.killed || f->trial->err.rc == IPC_OK ||
	    f->trial->err.rc == IPC_GONE || f->trial->err.rc == IPC_EOF) {
		f->trial->err = err;
		f->trial->err_end = end;
	}
}

static void kill_side(struct flight *f, int end)
{
	struct side *side = &f->side[end];

	if (side->state == SIDE_NONE || !side->proc.id || side->proc.reaped)
		return;
	ipc_proc_kill(&side->proc);
	side->killed = true;
}

static void time_is_over(struct flight *f)
{
	struct ipc_err err;
	int slow = f->side[PM_PRODUCER].state == SIDE_ENDED ? PM_CONSUMER
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
		fail(f, slow, &err);
		for (int end = 0; end < 2; end++)
			if (f->side[end].state != SIDE_NONE)
				pm_diagnose(stderr, pm_end_names[end],
					    &f->side[end].proc);
	}
	for (int end = 0; end < 2; end++) {
		kill_side(f, end);
		f->side[end].failed = true;
		if (f->side[end].state != SIDE_NONE)
			f->side[end].state = SIDE_ENDED;
	}
}

/* When the meddler wants to be called, after perhaps having called it. */
static uint64_t meddle(struct flight *f, uint64_t now)
{
	const struct pm_meddler *m = f->launch->meddler;
	struct ipc_proc *const proc[2] = { &f->side[0].proc,
					   &f->side[1].proc };

	if (!m)
		return f->deadline_ns;
	if (!f->met && f->trial->phase >= m->when) {
		f->met = true;
		f->meddle_ns = now + m->after_ns;
	}
	if (f->meddle_ns && now >= f->meddle_ns) {
		uint64_t next = m->act(m->user, proc);

		f->meddle_ns = next ? now + next : 0;
	}
	return f->meddle_ns && f->meddle_ns < f->deadline_ns ? f->meddle_ns
							     : f->deadline_ns;
}

/* One line, one end of a channel, or a deadline. */
static void step(struct flight *f)
{
	struct ipc_channel *set[2];
	int ends[2];
	size_t count = 0, which;
	uint64_t now = ipc_now_ns(), until = meddle(f, now);
	struct ipc_err err;
	char *line;

	for (int end = 0; end < 2; end++) {
		enum side_state state = f->side[end].state;

		if (state == SIDE_NONE || state == SIDE_ENDED)
			continue;
		ends[count] = end;
		set[count++] = &f->side[end].channel;
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
	switch (ipc_channel_line(set[which], 0, &line, &err)) {
	case IPC_OK:
		hear(f, ends[which], line);
		break;
	case IPC_TIMEOUT:
		break;
	default:
		lost(f, ends[which]);
	}
	/* One failed: the other has a moment to say what it saw. */
	if (any_failed(f) && !f->stopping) {
		f->stopping = true;
		f->deadline_ns = ipc_now_ns() + GRACE_MS * UINT64_C(200000);
	}
	advance(f);
}

static uint64_t timeout_of(const struct pm_launch *l)
{
	const struct pm_config *c = &l->cell->config;

	if (l->timeout_ns)
		return l->timeout_ns;
	return c->time + c->warmup + 10 * SECOND_NS;
}

static void settle(struct flight *f)
{
	struct pm_trial *t = f->trial;
	struct ipc_err err;
	bool killed = false;

	for (int end = 0; end < 2; end++) {
		struct side *side = &f->side[end];
		struct ipc_exit how;

		if (side->state == SIDE_NONE)
			continue;
		if (ipc_proc_wait(&side->proc, GRACE_MS * UINT64_C(1000000),
				  &how, &err))
			kill_side(f, end);
		killed |= side->killed;
		ipc_channel_close(&side->channel);
	}
	if (f->name[0])
		ipc_name_sweep(f->name);
	if (killed)
		ipc_sleep_ns(AFTER_KILL_MS * UINT64_C(1000000));
	if (t->err.rc == IPC_OK && f->side[PM_CONSUMER].state != SIDE_NONE &&
	    f->side[PM_PRODUCER].sent != t->messages) {
		ipc_refusef(&err, IPC_CORRUPT, "counts", "the producer sent %"
			    PRIu64 " messages, %" PRIu64 " came",
			    f->side[PM_PRODUCER].sent, t->messages);
		fail(f, -1, &err);
	}
	if (t->err.rc == IPC_OK &&
	    t->lost + t->repeated + t->reordered + t->corrupt) {
		ipc_refusef(&err, IPC_CORRUPT, "verify", "%" PRIu64 " lost, %"
			    PRIu64 " repeated, %" PRIu64 " reordered, %" PRIu64
			    " corrupt", t->lost, t->repeated, t->reordered,
			    t->corrupt);
		fail(f, PM_CONSUMER, &err);
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

static enum ipc_rc start(struct flight *f)
{
	bool alone = !f->launch->pairing->transport; /* the null engine */
	struct ipc_err err;
	enum ipc_rc rc;

	rc = pm_place(f->launch->cell->config.placement, f->cpu, &err);
	if (rc) {
		fail(f, -1, &err);
		return rc;
	}
	rc = make_link(f);
	if (!rc && !alone)
		rc = spawn_side(f, PM_CONSUMER);
	if (!rc)
		rc = spawn_side(f, PM_PRODUCER);
	/* The children have theirs: end of stream needs ours gone. */
	ipc_link_close(&f->link[PM_CONSUMER]);
	ipc_link_close(&f->link[PM_PRODUCER]);
	return rc;
}

void pm_launch(const struct pm_launch *launch, struct pm_trial *trial)
{
	struct flight f = { .launch = launch, .trial = trial,
			    .link = { IPC_LINK_INIT, IPC_LINK_INIT } };
	uint64_t steal = steal_now();

	trial->start_ns = ipc_wall_ns();
	trial->phase = PM_PHASE_SPAWN;
	if (!start(&f)) {
		trial->phase = PM_PHASE_OPEN;
		f.deadline_ns = ipc_now_ns() + timeout_of(launch);
		while (!all_at_least(&f, SIDE_ENDED))
			step(&f);
	} else {
		kill_side(&f, PM_CONSUMER);
	}
	settle(&f);
	trial->steal_ticks = steal == IPC_UNKNOWN ? steal
						  : steal_now() - steal;
	pm_judge(trial, &launch->cell->config);
	trial->ok = trial->err.rc == IPC_OK;
	if (trial->ok)
		trial->phase = PM_PHASE_DONE;
}
