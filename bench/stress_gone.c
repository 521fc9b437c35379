/* A listener dies with clients at its door, and another takes its name. */
#include "bench/stress_agent.h"
#include "ipc/sys.h"

enum { LENGTH = 256 };
#define MS_NS UINT64_C(1000000)

void pm_stress_gone(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	const char *const settings[] = {
		"workload", "stream", "message", "256", "clients", "1", NULL
	};
	char name[IPC_TEXT_MAX];
	uint64_t most = (ipc_wine() ? 200 : 30) * MS_NS;
	struct pm_part parts[] = {
		{ .role = "mute", .count = 0,
		  .kill_ns = pm_stress_draw(s, 1, most) },
		{ .role = "jilted", .count = 1 },
		{ .role = "jilted", .count = 1 },
		{ .role = "thief", .count = 1 },
	};
	struct ipc_err err;

	if (!pm_stress_cell(s, PM_NAMED, settings, &cell))
		return;
	if (ipc_name_new(name, sizeof(name), &err)) {
		s->found.broken++;
		pm_stress_note(s, "no name: %s", err.what);
		return;
	}
	pm_cast(s, &cell, name, parts, sizeof(parts) / sizeof(*parts));
}

/* The name, once it is free; the cast has a deadline. */
static struct ipc_listener *take_name(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	struct ipc_listener *listener = NULL;
	struct ipc_err err;
	enum ipc_rc rc;

	do {
		rc = p->transport->listen(a->name, &a->cell.cell.config.io,
					  p->consumer_needs, &listener, &err);
		if (rc == IPC_BUSY)
			ipc_sleep_ns(MS_NS / 2);
	} while (rc == IPC_BUSY);
	if (rc)
		pm_agent_broken(a, "listen", &err);
	return rc ? NULL : listener;
}

/* Listens until it is killed, and lets nobody in. */
void pm_role_mute(struct pm_agent *a)
{
	if (take_name(a))
		for (;;)
			ipc_sleep_ns(1000 * MS_NS);
}

/* Has the name for a moment, and lets nobody in either. */
void pm_role_thief(struct pm_agent *a)
{
	struct ipc_listener *listener;

	ipc_sleep_ns(pm_agent_draw(a, 0, 3 * MS_NS));
	listener = take_name(a);
	if (!listener)
		return;
	ipc_sleep_ns(pm_agent_draw(a, 0, 10 * MS_NS));
	a->cell.pairing.transport->unlisten(listener);
	a->found.ops++;
}

/* Writes until it hears that nobody will ever read: it must hear it. */
static void wait_at_the_door(struct pm_agent *a, struct pm_side *side)
{
	enum ipc_rc rc = pm_side_attach(a, side, a->cell.pairing.producer);

	for (uint64_t seq = 0; !rc; seq++)
		rc = pm_side_send(side, LENGTH, seq);
	if (rc != IPC_GONE && rc != IPC_EOF)
		pm_agent_broken(a, "a server that has gone", &side->err);
	else
		a->found.recovered++;
	a->found.faults++;
}

/* Comes again and again for a while. */
void pm_role_jilted(struct pm_agent *a)
{
	const struct ipc_pairing *p = &a->cell.pairing;
	const struct ipc_opts *opts = &a->cell.cell.config.io;
	uint64_t until = ipc_now_ns() + (ipc_wine() ? 400 : 50) * MS_NS;

	while (ipc_now_ns() < until && !a->found.broken) {
		struct pm_side side = PM_SIDE_INIT;
		enum ipc_rc rc = p->transport->connect(a->name, opts,
						       p->producer_needs,
						       &side.link, &side.err);

		if (!rc)
			wait_at_the_door(a, &side);
		else if (rc != IPC_NOT_FOUND && rc != IPC_BUSY &&
			 rc != IPC_GONE)
			pm_agent_broken(a, "connect", &side.err);
		pm_side_close(&side);
		a->found.ops++;
		ipc_sleep_ns(MS_NS / 2);
	}
}
