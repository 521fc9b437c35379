/* The inside of an agent: arguments, what all roles need, the report. */
#include "bench/stress_agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/knob.h"
#include "bench/lastops.h"
#include "bench/msg.h"
#include "ipc/meddle.h"

const struct pm_role pm_roles[] = {
	{ "opener", pm_role_opener },
	{ "hoarder", pm_role_hoarder },
	{ "canceller", pm_role_canceller },
	{ "resizer", pm_role_resizer },
	{ "server", pm_role_server },
	{ "client", pm_role_client },
	{ "stray", pm_role_stray },
	{ "closer", pm_role_closer },
	{ "namer", pm_role_namer },
	{ "squatter", pm_role_squatter },
	{ "stranger", pm_role_stranger },
	{ "flooder", pm_role_flooder },
	{ "impostor", pm_role_impostor },
	{ "mute", pm_role_mute },
	{ "jilted", pm_role_jilted },
	{ "thief", pm_role_thief },
	{ "filler", pm_role_filler },
	{ NULL, NULL }
};

void pm_agent_broken(struct pm_agent *a, const char *what,
		     const struct ipc_err *err)
{
	char text[400];

	a->found.broken++;
	if (!a->why[0])
		snprintf(a->why, sizeof(a->why), "%s%s%s", what,
			 err ? ": " : "",
			 err ? ipc_err_text(err, text, sizeof(text)) : "");
}

bool pm_agent_told_to_stop(struct pm_agent *a)
{
	char *line;

	return ipc_channel_line(&a->channel, 0, &line, NULL) != IPC_TIMEOUT;
}

uint64_t pm_agent_draw(struct pm_agent *a, uint64_t lo, uint64_t hi)
{
	return lo + pm_random(&a->random) % (hi - lo + 1);
}

enum ipc_rc pm_side_attach(struct pm_agent *a, struct pm_side *side,
			   const struct ipc_engine *engine)
{
	enum ipc_rc rc;

	side->engine = engine = pm_lastops_engine(engine);
	rc = engine->open(&a->cell.cell.config.io, 1, &side->hub, &side->err);
	if (!rc)
		rc = engine->attach(side->hub, &side->link, NULL, &side->end,
				    &side->err);
	return rc;
}

enum ipc_rc pm_sides_open(struct pm_agent *a, struct pm_side *near_side,
			  struct pm_side *far_side)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	enum ipc_rc rc = p->transport->pair(&a->cell.cell.config.io,
					    p->consumer_needs,
					    p->producer_needs,
					    &near_side->link, &far_side->link,
					    &near_side->err);

	if (!rc)
		rc = pm_side_attach(a, near_side, p->consumer);
	if (!rc && (rc = pm_side_attach(a, far_side, p->producer)))
		near_side->err = far_side->err;
	return rc;
}

void pm_side_close(struct pm_side *side)
{
	if (side->end)
		side->engine->detach(side->end);
	if (side->hub)
		side->engine->close(side->hub);
	ipc_link_close(&side->link);
	side->end = NULL;
	side->hub = NULL;
}

enum ipc_rc pm_side_send(struct pm_side *side, size_t length, uint64_t seq)
{
	void *data = side->engine->reserve(side->end);
	enum ipc_rc rc;

	if (!data) {
		side->err = side->end->err;
		return side->err.rc;
	}
	pm_msg_fill(data, length, seq);
	rc = side->engine->commit(side->end, length, 0);
	if (!rc)
		rc = side->engine->flush(side->end);
	if (rc)
		side->err = side->end->err;
	return rc;
}

enum ipc_rc pm_side_take(struct pm_side *side, size_t length, uint64_t seq)
{
	struct ipc_end *from;
	const void *data;
	int64_t got;

	side->end->want = length;
	got = side->engine->next(side->hub, &from, &data);
	if (got < 0) {
		side->err = from ? from->err : side->hub->err;
		side->err.rc = (enum ipc_rc)got;
		return side->err.rc;
	}
	if ((size_t)got == length && pm_msg_seq(data, length, seq) == seq &&
	    pm_msg_payload_ok(data, length, seq))
		return IPC_OK;
	return ipc_refusef(&side->err, IPC_CORRUPT, "message",
			   "%" PRId64 " bytes of message %" PRIu64 " came "
			   "instead of %zu of %" PRIu64, got,
			   got >= 8 ? pm_msg_seq(data, (size_t)got, seq) : 0,
			   length, seq);
}

static void report(struct pm_agent *a)
{
	const struct pm_stress_found *f = &a->found;
	char text[1200];

	for (char *c = a->why; *c; c++)
		if (*c == '\n')
			*c = ' ';
	snprintf(text, sizeof(text), "found %" PRIu64 " %" PRIu64 " %" PRIu64
		 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n%s%s%send\n",
		 f->ops, f->faults, f->recovered, f->lost, f->corrupt,
		 f->leaks, f->broken, a->why[0] ? "why " : "", a->why,
		 a->why[0] ? "\n" : "");
	ipc_channel_send(&a->channel, text, strlen(text), NULL);
}

/* What a plant of the tests does in here. */
static void do_wrong(const struct pm_agent *a, struct ipc_channel *leaked)
{
	ipc_handle theirs[2];

	if (a->plant && !strncmp(a->plant, "leak", 4))
		ipc_channel_pair(leaked, theirs, NULL);
	while (a->plant && !strncmp(a->plant, "hang", 4))
		ipc_sleep_ns(1000000000u);
}

static void play(struct pm_agent *a, const struct pm_role *role)
{
	static struct ipc_channel leaked;
	uint64_t before = ipc_handle_count(), now;

	pm_lastops_announce(&a->channel, NULL);
	role->play(a);
	do_wrong(a, &leaked);
	now = ipc_handle_count();
	if (before != IPC_UNKNOWN && now > before) {
		a->found.leaks += now - before;
		if (!a->why[0])
			snprintf(a->why, sizeof(a->why), "%s: %" PRIu64
				 " handles were left open", role->name,
				 now - before);
	}
	report(a);
}

static enum ipc_rc open_control(struct pm_agent *a, const char *text,
				struct ipc_err *err)
{
	const char *comma = strchr(text, ',');
	ipc_handle handles[2];
	char one[32];

	snprintf(one, sizeof(one), "%.*s", (int)strcspn(text, ","), text);
	if (!comma || ipc_handle_parse(one, &handles[0]) ||
	    ipc_handle_parse(comma + 1, &handles[1]))
		return ipc_refuse(err, IPC_INVALID, "--control", text);
	ipc_die_with_parent();
	ipc_interrupt_ignore();
	return ipc_channel_open(&a->channel, handles[0], handles[1], err);
}

static enum ipc_rc set(struct pm_agent *a, const char *name, const char *value,
		       struct ipc_err *err)
{
	if (!strcmp(name, "--control"))
		return open_control(a, value, err);
	if (!strcmp(name, "--agent-name"))
		snprintf(a->name, sizeof(a->name), "%s", value);
	else if (!strcmp(name, "--agent-file"))
		a->file = value;
	else if (!strcmp(name, "--agent-count"))
		a->count = strtoull(value, NULL, 10);
	else if (!strcmp(name, "--agent-seed"))
		a->random = strtoull(value, NULL, 10);
	else if (!strcmp(name, "--plant"))
		a->plant = value;
	else
		return pm_cell_set(&a->cell.cell, name + 2, value,
				   "command line", err);
	return IPC_OK;
}

/* As a worker does it: the runner has looked at the rest. */
static enum ipc_rc resolve(struct pm_agent *a, struct ipc_err *err)
{
	const struct pm_config *c = &a->cell.cell.config;

	return ipc_resolve(&c->io, pm_two_way(c), c->message_min, c->message,
			   &a->cell.pairing, err);
}

int pm_agent_main(int argc, char **argv)
{
	static struct pm_agent agent; /* large, and one a process */
	struct pm_agent *a = &agent;
	const struct pm_role *role = pm_roles;
	struct ipc_err err = { .rc = IPC_OK };
	char text[512];

	while (role->name && strcmp(role->name, argv[2]))
		role++;
	pm_cell_init(&a->cell.cell);
	for (int i = 3; i + 1 < argc && !err.rc; i += 2)
		set(a, argv[i], argv[i + 1], &err);
	if (!err.rc && !pm_cell_finish(&a->cell.cell, &err))
		resolve(a, &err);
	if (err.rc || !role->name) {
		fprintf(stderr, "pipemark stress: %s: %s\n", argv[2],
			ipc_err_text(&err, text, sizeof(text)));
		return PM_STATUS_REQUEST;
	}
	play(a, role);
	return PM_STATUS_OK;
}
