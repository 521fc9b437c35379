/* Starts the agents of a round, hears them, kills who should die or hangs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/diagnose.h"
#include "bench/knob.h"
#include "bench/lastops.h"
#include "bench/stress_agent.h"
#include "ipc/meddle.h"
#include "ipc/sys.h"

enum { ARGS_MAX = 2 * PM_KNOB_MAX + 24, ARENA_MAX = 16384 };
#define SECOND_NS UINT64_C(1000000000)

enum actor_state { WAITS, PLAYS, SAID_END, GONE };

struct actor {
	const struct pm_part *part;
	enum actor_state      state;
	struct ipc_proc       proc;
	struct ipc_channel    channel;
	uint64_t              kill_at_ns;
	uint64_t              ring; /* of its last operations */
	bool                  shot, refused;
};

struct cast {
	struct pm_stress            *s;
	const struct pm_stress_cell *cell;
	const char                  *name;
	struct actor                 actor[PM_PARTS_MAX];
	size_t                       count;
	uint64_t                     deadline_ns;
};

struct command {
	const char *argv[ARGS_MAX];
	size_t      argc;
	char        arena[ARENA_MAX];
	char        path[1200], control[64], count[24], seed[24];
	char        clock[IPC_CLOCK_TEXT_MAX];
};

static void add(struct command *c, const char *name, const char *value)
{
	c->argv[c->argc++] = name;
	c->argv[c->argc++] = value;
}

/* Not an agent, but one of the programs that measure. */
static bool is_worker(const struct pm_part *part)
{
	return part->victim || part->caller;
}

static const char *name_of(const struct pm_part *part)
{
	return part->victim   ? "consumer"
	       : part->caller ? "producer"
			      : part->role;
}

static void command_of(const struct cast *x, const struct actor *a,
		       const ipc_handle control[2], struct command *c)
{
	const struct pm_part *part = a->part;

	c->argc = 0;
	snprintf(c->path, sizeof(c->path), "%s/pipemark%s%s", x->s->folder,
		 part->victim   ? "-consumer"
		 : part->caller ? "-producer"
				: "",
		 strcmp(ipc_host_name(), "windows") ? "" : ".exe");
	c->argv[c->argc++] = c->path;
	snprintf(c->control, sizeof(c->control), "%lld,%lld",
		 (long long)control[0], (long long)control[1]);
	if (is_worker(part)) {
		add(c, "--link", x->name);
		add(c, "--token", "1234567890abcdef");
		if (x->s->plant && !strcmp(x->s->plant, "open-door"))
			add(c, "--peer", "foreign");
		add(c, "--clock", ipc_clock_print(x->s->clock, c->clock));
	} else {
		c->argv[c->argc++] = "stress";
		add(c, "--agent", part->role);
		snprintf(c->count, sizeof(c->count), "%" PRIu64, part->count);
		add(c, "--agent-count", c->count);
		snprintf(c->seed, sizeof(c->seed), "%" PRIu64,
			 pm_stress_draw(x->s, 0, UINT32_MAX));
		add(c, "--agent-seed", c->seed);
		add(c, "--agent-name", x->name);
		if (part->file)
			add(c, "--agent-file", part->file);
		if (x->s->plant)
			add(c, "--plant", x->s->plant);
	}
	add(c, "--control", c->control);
	pm_config_to_args(&x->cell->cell.config, c->argv, ARGS_MAX, &c->argc,
			  c->arena, sizeof(c->arena));
	c->argv[c->argc] = NULL;
}

static void broke(struct cast *x, const struct actor *a, const char *what)
{
	x->s->found.broken++;
	pm_stress_note(x->s, "%s: %s: %s", x->cell->cell.id,
		       name_of(a->part), what);
}

static void start(struct cast *x, struct actor *a)
{
	static struct command command; /* large */
	struct ipc_spawn how = { .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE,
				 .inherit_count = 2 };
	ipc_handle control[2];
	struct ipc_err err;
	char text[400];

	if (!ipc_channel_pair(&a->channel, control, &err)) {
		command_of(x, a, control, &command);
		how.path = command.path;
		how.argv = command.argv;
		how.inherit = control;
		if (!ipc_spawn(&how, &a->proc, &err))
			a->state = PLAYS;
		ipc_handle_close(control[0]);
		ipc_handle_close(control[1]);
	}
	if (a->state == PLAYS && a->part->kill_ns)
		a->kill_at_ns = ipc_now_ns() + a->part->kill_ns;
	if (a->state != PLAYS) {
		a->state = GONE;
		broke(x, a, ipc_err_text(&err, text, sizeof(text)));
	}
}

static void take_found(struct pm_stress_found *f, const char *line)
{
	uint64_t v[7] = { 0 };
	char *at = (char *)(uintptr_t)line;

	for (int i = 0; i < 7; i++)
		v[i] = strtoull(at, &at, 10);
	f->ops += v[0];
	f->faults += v[1];
	f->recovered += v[2];
	f->lost += v[3];
	f->corrupt += v[4];
	f->leaks += v[5];
	f->broken += v[6];
}

/* It would wait for the runner's next word now. */
static void let_in(struct cast *x, struct actor *a)
{
	broke(x, a, "a stranger could join");
	a->kill_at_ns = 1;
}

static void say(struct actor *a, const char *line)
{
	if (a->state == PLAYS) /* who has gone does not hear it: fine */
		ipc_channel_send(&a->channel, line, strlen(line), NULL);
}

/* What the runner would say to the next step of a producer. */
static void lead_on(struct actor *a, const char *line)
{
	if (!strcmp(line, "ready"))
		say(a, "warm\n");
	else if (!strncmp(line, "warmed ", 7))
		say(a, "go\n");
}

static void hear(struct cast *x, struct actor *a, const char *line)
{
	if (!strcmp(line, "end"))
		a->state = SAID_END;
	else if (pm_lastops_heard(line))
		a->ring = pm_lastops_heard(line);
	else if (!strncmp(line, "found ", 6))
		take_found(&x->s->found, line + 6);
	else if (!strncmp(line, "why ", 4))
		pm_stress_note(x->s, "%s: %s", x->cell->cell.id, line + 4);
	else if (!strcmp(line, "ready") && a->part->victim)
		let_in(x, a);
	else if (!strncmp(line, "error ", 6))
		a->refused = true;
	else if (a->part->caller)
		lead_on(a, line);
}

/* A worker among strangers has gone: the strangers may go home. */
static void worker_left(struct cast *x, struct actor *a)
{
	if (a->refused)
		x->s->found.recovered++;
	else if (!a->shot)
		broke(x, a, "ended as if all were well");
	for (size_t i = 0; i < x->count; i++)
		if (!is_worker(x->actor[i].part))
			say(&x->actor[i], "stop\n");
}

/* Its channel has ended: is that how it should have been? */
static void left(struct cast *x, struct actor *a)
{
	struct ipc_exit how = { 0 };
	struct ipc_err err;
	char text[100];

	if (ipc_proc_wait(&a->proc, 2 * SECOND_NS, &how, &err)) {
		ipc_proc_kill(&a->proc);
		broke(x, a, "closed its channel and did not end");
	} else if (a->shot) {
		x->s->found.faults++;
		x->s->found.recovered++;
	} else if (a->state != SAID_END || how.killed) {
		snprintf(text, sizeof(text), "ended with %s %d and no word",
			 how.killed ? "signal" : "status", how.code);
		broke(x, a, text);
	}
	a->state = GONE;
	if (is_worker(a->part))
		worker_left(x, a);
	ipc_channel_close(&a->channel);
	if (a->shot && x->name[0] && a->part->count == 0)
		ipc_name_sweep(x->name); /* of a server that was killed */
}

static void hang(struct cast *x)
{
	for (size_t i = 0; i < x->count; i++) {
		struct actor *a = &x->actor[i];

		if (a->state != PLAYS && a->state != SAID_END)
			continue;
		pm_diagnose(stderr, name_of(a->part), &a->proc, a->ring);
		pm_stress_note(x->s, "%s: %s hangs", x->cell->cell.id,
			       name_of(a->part));
	}
	for (size_t i = 0; i < x->count; i++) {
		struct actor *a = &x->actor[i];

		if (a->state == PLAYS || a->state == SAID_END) {
			ipc_proc_kill(&a->proc);
			ipc_channel_close(&a->channel);
			x->s->found.hangs++;
		}
		a->state = GONE;
	}
}

/* Whose turn it is to start or to die; false when all have gone. */
static bool direct(struct cast *x, uint64_t now)
{
	size_t gone = 0;

	for (size_t i = 0; i < x->count; i++) {
		struct actor *a = &x->actor[i];

		if (a->kill_at_ns && now >= a->kill_at_ns && !a->shot &&
		    a->state == PLAYS) {
			a->shot = true;
			ipc_proc_shoot(&a->proc);
		}
		if (a->state == WAITS &&
		    (!a->part->last || gone + 1 >= i || gone == i))
			start(x, a);
		gone += a->state == GONE;
	}
	return gone < x->count;
}

static uint64_t next_turn(const struct cast *x, uint64_t now)
{
	uint64_t until = x->deadline_ns;

	for (size_t i = 0; i < x->count; i++)
		if (x->actor[i].kill_at_ns && !x->actor[i].shot &&
		    x->actor[i].state == PLAYS &&
		    x->actor[i].kill_at_ns < until)
			until = x->actor[i].kill_at_ns;
	return until > now ? until - now : 0;
}

static void listen_to_all(struct cast *x, uint64_t now)
{
	struct ipc_channel *set[PM_PARTS_MAX];
	struct actor *who[PM_PARTS_MAX];
	size_t count = 0, which;
	struct ipc_err err;
	char *line;

	for (size_t i = 0; i < x->count; i++)
		if (x->actor[i].state == PLAYS ||
		    x->actor[i].state == SAID_END) {
			who[count] = &x->actor[i];
			set[count++] = &x->actor[i].channel;
		}
	if (!count ||
	    ipc_channel_wait(set, count, next_turn(x, now), &which, &err))
		return;
	switch (ipc_channel_line(set[which], 0, &line, &err)) {
	case IPC_OK:
		hear(x, who[which], line);
		break;
	case IPC_TIMEOUT:
		break;
	default:
		left(x, who[which]);
	}
}

/* Else whoever cannot open the pipe would be taken for one who refuses. */
static bool can_listen(struct pm_stress *s, const struct pm_stress_cell *cell,
		       const char *name)
{
	const struct ipc_pairing *p = &cell->pairing;
	struct ipc_listener *listener = NULL;
	struct ipc_err err;
	char text[300];

	if (!p->transport->listen(name, &cell->cell.config.io,
				  p->consumer_needs, &listener, &err)) {
		p->transport->unlisten(listener);
		return true;
	}
	s->found.broken++;
	pm_stress_note(s, "%s: %s", cell->cell.id,
		       ipc_err_text(&err, text, sizeof(text)));
	return false;
}

bool pm_cast_cell(struct pm_stress *s, const char *const *settings,
		  struct pm_stress_cell *cell, char name[IPC_TEXT_MAX])
{
	struct ipc_err err;

	if (!pm_stress_cell(s, PM_NAMED, settings, cell))
		return false;
	if (!ipc_name_new(name, IPC_TEXT_MAX, &err))
		return can_listen(s, cell, name);
	s->found.broken++;
	pm_stress_note(s, "no name: %s", err.what);
	return false;
}

void pm_cast(struct pm_stress *s, const struct pm_stress_cell *cell,
	     const char *name, const struct pm_part *parts, size_t count)
{
	struct cast x = { .s = s, .cell = cell, .name = name, .count = count };
	uint64_t now = ipc_now_ns();

	for (size_t i = 0; i < count; i++)
		x.actor[i].part = &parts[i];
	x.deadline_ns = now + SECOND_NS * (ipc_wine() ? 40 : 10) /
			      (s->plant ? 3 : 1);
	while (direct(&x, now)) {
		if (now >= x.deadline_ns)
			hang(&x);
		else
			listen_to_all(&x, now);
		now = ipc_now_ns();
	}
	if (name[0])
		ipc_name_sweep(name);
}
