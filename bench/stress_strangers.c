/* More of what a hostile neighbour may do: a flood, and a false server. */
#include <string.h>

#include "bench/msg.h"
#include "bench/stress_agent.h"
#include "ipc/sys.h"

enum { LENGTH = 256, KEPT = 16 };
#define MS_NS UINT64_C(1000000)

static bool named_cell(struct pm_stress *s, const char *workload,
		       const char *clients, struct pm_stress_cell *cell,
		       char name[IPC_TEXT_MAX])
{
	const char *const settings[] = {
		"workload", workload, "clients", clients, "message", "256",
		"warmup", "2ms", NULL
	};

	return pm_cast_cell(s, settings, cell, name);
}

void pm_stress_flood(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	const char *clients = pm_stress_draw(s, 0, 1) ? "6" : "1";
	char name[IPC_TEXT_MAX];
	const struct pm_part parts[] = {
		{ .role = "consumer", .victim = true },
		{ .role = "flooder", .count = 1 },
		{ .role = "flooder", .count = 0 },
		{ .role = "flooder", .count = 0 },
	};

	if (named_cell(s, "stream", clients, &cell, name) ||
	    named_cell(s, "stream", "1", &cell, name))
		pm_cast(s, &cell, name, parts, sizeof(parts) / sizeof(*parts));
}

void pm_stress_impostor(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	char name[IPC_TEXT_MAX];
	bool replies = pm_stress_draw(s, 0, 1) && !s->plant;
	const struct pm_part parts[] = {
		{ .role = "impostor", .count = 1 },
		{ .role = "producer", .caller = true },
	};

	if ((replies && named_cell(s, "pingpong", "1", &cell, name)) ||
	    named_cell(s, "stream", "1", &cell, name))
		pm_cast(s, &cell, name, parts, sizeof(parts) / sizeof(*parts));
}

static void fill(struct pm_agent *a, void *data)
{
	unsigned char *bytes = data;

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (unsigned char)pm_random(&a->random);
}

static bool send_nonsense(struct pm_agent *a, struct pm_side *side)
{
	void *data = side->engine->reserve(side->end);

	if (!data)
		return false;
	fill(a, data);
	return !side->engine->commit(side->end, LENGTH, 0) &&
	       !side->engine->flush(side->end);
}

static void shout(struct pm_agent *a, struct pm_side *side)
{
	if (!pm_side_attach(a, side, a->cell.pairing.producer))
		send_nonsense(a, side);
}

/* Comes in as often as it is let in: for a while, with nonsense, or to leave. */
void pm_role_flooder(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	struct ipc_link kept[KEPT];
	size_t turn = 0;

	for (size_t i = 0; i < KEPT; i++)
		kept[i] = (struct ipc_link)IPC_LINK_INIT;
	for (; !pm_agent_told_to_stop(a); turn = (turn + 1) % KEPT) {
		struct pm_side side = PM_SIDE_INIT;
		uint64_t kind = pm_agent_draw(a, 0, 2);

		ipc_link_close(&kept[turn]); /* silence ends, too */
		if (p->transport->connect(a->name, &a->cell.cell.config.io,
					  p->producer_needs, &side.link,
					  &side.err)) {
			ipc_sleep_ns(MS_NS / 2);
			continue;
		}
		a->found.ops++;
		if (kind == 0)
			shout(a, &side);
		if (kind == 1)
			kept[turn] = side.link;
		else
			pm_side_close(&side);
	}
	for (size_t i = 0; i < KEPT; i++)
		ipc_link_close(&kept[i]);
	a->found.faults += a->count;
}

/* It hears the hello of one who trusts it, perhaps more, and betrays it. */
static void betray(struct pm_agent *a, struct pm_side *side)
{
	bool replies = a->cell.cell.config.workload == PM_WORKLOAD_PINGPONG;
	uint64_t patience = 10 * pm_agent_draw(a, 0, 2);

	if (a->plant) /* it plays its part to the end, and is believed */
		patience = UINT64_MAX - 1;
	for (uint64_t i = 0; i <= patience; i++) {
		struct ipc_end *from;
		const void *got;

		side->end->want = i ? LENGTH : sizeof(struct pm_hello);
		if (side->engine->next(side->hub, &from, &got) < 0)
			return;
		if (replies && i && !send_nonsense(a, side))
			return;
	}
	ipc_sleep_ns(pm_agent_draw(a, 0, 20) * MS_NS); /* and silence */
}

void pm_role_impostor(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	struct ipc_listener *listener = NULL;
	struct pm_side side = PM_SIDE_INIT;
	struct ipc_err err;

	if (p->transport->listen(a->name, &a->cell.cell.config.io,
				 p->consumer_needs, &listener, &err)) {
		pm_agent_broken(a, "listen", &err);
		return;
	}
	if (p->transport->accept(listener, &side.link, &side.err) ||
	    pm_side_attach(a, &side, p->consumer))
		pm_agent_broken(a, "accept", &side.err);
	else
		betray(a, &side);
	pm_side_close(&side);
	p->transport->unlisten(listener);
	a->found.ops++;
	a->found.faults++;
}
