/* Stressors of servers and clients: storms, strays, names, strangers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/lastops.h"
#include "bench/msg.h"
#include "bench/stress_agent.h"
#include "ipc/sys.h"

enum { LENGTH = 256 };
#define MS_NS UINT64_C(1000000)

static bool named_cell(struct pm_stress *s, const char *clients,
		       struct pm_stress_cell *cell, char name[IPC_TEXT_MAX])
{
	const char *const settings[] = {
		"workload", "stream", "message", "256", "clients", clients,
		NULL
	};

	return pm_cast_cell(s, settings, cell, name);
}

/* A server, clients of which some die, and one that says it is over. */
static void storm(struct pm_stress *s, const char *client, bool deadly)
{
	static struct pm_stress_cell cell; /* large */
	char name[IPC_TEXT_MAX];
	struct pm_part parts[] = {
		{ .role = "server", .count = 1 },
		{ .role = client, .count = 60 },
		{ .role = client, .count = 60 },
		{ .role = client, .count = 60 },
		{ .role = "closer", .count = 1, .last = true },
	};

	if (!named_cell(s, "4", &cell, name))
		return;
	if (deadly)
		parts[1].kill_ns = pm_stress_draw(s, 1, 25) * MS_NS;
	pm_cast(s, &cell, name, parts, sizeof(parts) / sizeof(*parts));
}

void pm_stress_connect(struct pm_stress *s)
{
	storm(s, "client", pm_stress_draw(s, 0, 1));
}

void pm_stress_abandon(struct pm_stress *s)
{
	storm(s, "stray", pm_stress_draw(s, 0, 1));
}

/* A server dies with its name; another takes the name. */
void pm_stress_names(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	char name[IPC_TEXT_MAX];
	struct pm_part parts[] = {
		{ .role = "squatter", .count = 0,
		  .kill_ns = pm_stress_draw(s, 1, 30 * MS_NS) },
		{ .role = "namer", .count = 4, .last = true },
	};

	if (named_cell(s, "1", &cell, name)) {
		/* the namer waits for the squatter, too: it is no server */
		pm_cast(s, &cell, name, parts, 1);
		pm_cast(s, &cell, name, parts + 1, 1);
	}
}

void pm_stress_hostile(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	char name[IPC_TEXT_MAX];
	struct pm_part parts[] = {
		{ .role = "consumer", .victim = true },
		{ .role = "stranger", .count = 1 },
	};

	if (named_cell(s, "1", &cell, name))
		pm_cast(s, &cell, name, parts, 2);
}

/* Roles. */

static enum ipc_rc connect_to(struct pm_agent *a, struct pm_side *side)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	const struct ipc_opts *opts = &a->cell.cell.config.io;
	enum ipc_rc rc;

	for (;;) { /* the cast has a deadline */
		uint64_t which = pm_lastops_begin(PM_OP_CONNECT, 0);

		rc = p->transport->connect(a->name, opts, p->producer_needs,
					   &side->link, &side->err);
		pm_lastops_end(which, rc);
		if (rc != IPC_NOT_FOUND && rc != IPC_BUSY)
			break;
		if (rc == IPC_BUSY && p->transport->wait)
			p->transport->wait(a->name, opts, 5 * MS_NS,
					   &side->err);
		else
			ipc_sleep_ns(MS_NS / 4);
	}
	return rc ? rc : pm_side_attach(a, side, p->producer);
}

/* One client: a message and the end, or something else. */
static bool serve_one(struct pm_agent *a, struct pm_side *side)
{
	struct ipc_end *from;
	const void *data;
	int64_t got;
	uint64_t count;

	side->end->want = LENGTH;
	got = side->engine->next(side->hub, &from, &data);
	if (got == IPC_EOF || got == IPC_GONE ||
	    (got >= 0 && got < LENGTH)) {
		a->found.faults++; /* it left without a word, or with half */
		a->found.recovered++;
		return true;
	}
	if (got == LENGTH && pm_msg_is_closing(data, LENGTH, &count))
		return false;
	if (got != LENGTH ||
	    !pm_msg_payload_ok(data, LENGTH, pm_msg_seq(data, LENGTH, 0))) {
		a->found.corrupt += got == LENGTH;
		pm_agent_broken(a, "a client's message",
				from ? &from->err : &side->hub->err);
		return true;
	}
	a->found.ops++;
	return true;
}

void pm_role_server(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	struct ipc_listener *listener = NULL;
	struct ipc_err err;
	bool more = true;

	if (p->transport->listen(a->name, &a->cell.cell.config.io,
				 p->consumer_needs, &listener, &err)) {
		pm_agent_broken(a, "listen", &err);
		return;
	}
	while (more && a->found.broken < 10) {
		struct pm_side side = PM_SIDE_INIT;
		uint64_t which = pm_lastops_begin(PM_OP_ACCEPT, 0);
		enum ipc_rc rc = p->transport->accept(listener, &side.link,
						      &side.err);

		pm_lastops_end(which, rc);
		if (rc == IPC_GONE || rc == IPC_EOF) {
			a->found.faults++;
			a->found.recovered++;
		} else if (rc || pm_side_attach(a, &side, p->consumer)) {
			pm_agent_broken(a, "accept", &side.err);
		} else {
			more = serve_one(a, &side);
		}
		pm_side_close(&side);
	}
	p->transport->unlisten(listener);
}

static void visit(struct pm_agent *a, uint64_t kind, uint64_t seq)
{
	struct pm_side side = PM_SIDE_INIT;
	void *data;

	if (connect_to(a, &side)) {
		pm_agent_broken(a, "connect", &side.err);
	} else if (kind == 0) {
		if (pm_side_send(&side, LENGTH, seq))
			pm_agent_broken(a, "send", &side.err);
	} else if (kind == 1) { /* half a message */
		data = side.engine->reserve(side.end);
		if (data && !side.engine->commit(side.end, LENGTH / 2, 0))
			side.engine->flush(side.end);
	} else if (kind == 2) { /* says nothing for a while */
		ipc_sleep_ns(pm_agent_draw(a, 1, 3 * MS_NS));
	}
	pm_side_close(&side);
}

void pm_role_client(struct pm_agent *a)
{
	for (uint64_t i = 0; i < a->count && !a->found.broken; i++)
		visit(a, 0, i);
}

void pm_role_stray(struct pm_agent *a)
{
	for (uint64_t i = 0; i < a->count && !a->found.broken; i++)
		visit(a, pm_agent_draw(a, 0, 3), i);
}

void pm_role_closer(struct pm_agent *a)
{
	struct pm_side side = PM_SIDE_INIT;
	void *data;

	if (connect_to(a, &side)) {
		pm_agent_broken(a, "connect", &side.err);
	} else if ((data = side.engine->reserve(side.end))) {
		pm_msg_close(data, LENGTH, 0);
		if (side.engine->commit(side.end, LENGTH, 0) ||
		    side.engine->flush(side.end))
			pm_agent_broken(a, "send", &side.end->err);
	}
	pm_side_close(&side);
}

static void expect(struct pm_agent *a, const char *what, enum ipc_rc wanted,
		   enum ipc_rc rc, struct ipc_err *err)
{
	char text[120];

	a->found.ops++;
	a->found.faults += wanted != IPC_OK;
	if (rc == wanted) {
		a->found.recovered += wanted != IPC_OK;
		return;
	}
	snprintf(text, sizeof(text), "%s: %s was expected", what,
		 wanted ? ipc_rc_name(wanted) : "success");
	pm_agent_broken(a, text, rc ? err : NULL);
}

/* Taken, free, not there, there again. */
void pm_role_namer(struct pm_agent *a)
{
	const struct ipc_transport *t = a->cell.pairing.transport;
	const struct ipc_opts *opts = &a->cell.cell.config.io;
	unsigned server = a->cell.pairing.consumer_needs;
	unsigned client = a->cell.pairing.producer_needs;

	for (uint64_t i = 0; i < a->count && !a->found.broken; i++) {
		struct ipc_listener *first = NULL, *second = NULL;
		struct ipc_link link = IPC_LINK_INIT;
		struct ipc_err err;

		expect(a, "connect to a name that is not there", IPC_NOT_FOUND,
		       t->connect(a->name, opts, client, &link, &err), &err);
		expect(a, "listen", IPC_OK,
		       t->listen(a->name, opts, server, &first, &err), &err);
		expect(a, "listen to a name that is taken", IPC_BUSY,
		       t->listen(a->name, opts, server, &second, &err), &err);
		t->unlisten(second);
		t->unlisten(first);
		expect(a, "connect to a server that has gone", IPC_NOT_FOUND,
		       t->connect(a->name, opts, client, &link, &err), &err);
		ipc_link_close(&link);
	}
}

/* Holds the name until it is killed. */
void pm_role_squatter(struct pm_agent *a)
{
	struct ipc_listener *listener = NULL;
	struct ipc_err err;

	if (a->cell.pairing.transport->listen(a->name,
					      &a->cell.cell.config.io,
					      a->cell.pairing.consumer_needs,
					      &listener, &err))
		pm_agent_broken(a, "listen", &err);
	while (!a->found.broken)
		ipc_sleep_ns(1000 * MS_NS);
}

/* What comes instead of a hello. */
static size_t strange_words(struct pm_agent *a, unsigned char *data)
{
	struct pm_hello hello = { PM_MAGIC, PM_PROTOCOL,
				  UINT64_C(0x1234567890abcdef), 1 };
	size_t length = sizeof(hello);

	switch (pm_agent_draw(a, 0, 5)) {
	case 0: /* a guess at the token */
		hello.token = pm_random(&a->random);
		break;
	case 1:
		hello.protocol = pm_agent_draw(a, 2, 1000);
		break;
	case 2: /* everything right but the cell */
		break;
	case 3:
		length = (size_t)pm_agent_draw(a, 1, sizeof(hello) - 1);
		break;
	case 4:
		for (size_t i = 0; i < LENGTH; i++)
			data[i] = (unsigned char)pm_random(&a->random);
		return LENGTH;
	default:
		return 0;
	}
	memcpy(data, &hello, sizeof(hello));
	return length;
}

static void visit_strangely(struct pm_agent *a, struct pm_side *side)
{
	unsigned char words[LENGTH];
	size_t length = strange_words(a, words);
	void *data;

	if (pm_side_attach(a, side, a->cell.pairing.producer))
		return;
	if (!length) {
		ipc_sleep_ns(pm_agent_draw(a, 1, 20) * MS_NS);
	} else if ((data = side->engine->reserve(side->end))) {
		memcpy(data, words, length);
		if (!side->engine->commit(side->end, length, 0))
			side->engine->flush(side->end);
	}
}

/*
 * Comes until it was noticed: on Windows whoever has come and gone without a
 * word, before the server asked for a client, is none.
 */
void pm_role_stranger(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;

	while (!pm_agent_told_to_stop(a)) {
		struct pm_side side = PM_SIDE_INIT;

		if (p->transport->connect(a->name, &a->cell.cell.config.io,
					  p->producer_needs, &side.link,
					  &side.err))
			ipc_sleep_ns(MS_NS / 2);
		else
			visit_strangely(a, &side);
		pm_side_close(&side);
	}
	a->found.ops++;
	a->found.faults++;
}
