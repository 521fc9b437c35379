/* Stressors of one process: both sides of an unnamed link are its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/msg.h"
#include "bench/stress_agent.h"
#include "ipc/meddle.h"

enum { MESSAGE_MAX = 2048, HOARD_MAX = 1200 };

static void play_alone(struct pm_stress *s, const char *role, uint64_t count,
		       bool deep)
{
	static struct pm_stress_cell cell; /* large */
	struct pm_part part = { .role = role, .count = count };
	const char *const plain[] = { "workload", "stream", "message", "2048",
				      "message-min", "16", NULL };
	const char *const depth[] = { "workload", "stream", "message", "2048",
				      "message-min", "16", "depth", "8", NULL };

	if ((deep && pm_stress_cell(s, PM_UNNAMED, depth, &cell)) ||
	    pm_stress_cell(s, PM_UNNAMED, plain, &cell))
		pm_cast(s, &cell, "", &part, 1);
}

void pm_stress_open_close(struct pm_stress *s)
{
	play_alone(s, "opener", 200, false);
}

void pm_stress_many(struct pm_stress *s)
{
	play_alone(s, "hoarder", pm_stress_draw(s, 50, HOARD_MAX), false);
}

void pm_stress_cancel(struct pm_stress *s)
{
	play_alone(s, "canceller", 60, true);
}

void pm_stress_resize(struct pm_stress *s)
{
	play_alone(s, "resizer", 300, false);
}

enum ipc_rc pm_stress_can_resize(struct ipc_err *err)
{
	struct ipc_link none = IPC_LINK_INIT;

	return ipc_link_resize(&none, 4096, err) == IPC_UNSUPPORTED
	       ? IPC_UNSUPPORTED : IPC_OK;
}

/* A message through both; what it found is the agent's. */
static bool exchange(struct pm_agent *a, struct pm_side *in,
		     struct pm_side *out, uint64_t seq)
{
	size_t length = (size_t)pm_agent_draw(a, 16, MESSAGE_MAX);

	if (pm_side_send(out, length, seq)) {
		pm_agent_broken(a, "send", &out->err);
		return false;
	}
	if (pm_side_take(in, length, seq)) {
		if (in->err.rc == IPC_CORRUPT)
			a->found.corrupt++;
		pm_agent_broken(a, "receive", &in->err);
		return false;
	}
	a->found.ops++;
	return true;
}

void pm_role_opener(struct pm_agent *a)
{
	for (uint64_t i = 0; i < a->count && !a->found.broken; i++) {
		struct pm_side in = PM_SIDE_INIT, out = PM_SIDE_INIT;
		bool used = pm_agent_draw(a, 0, 3);

		if (pm_sides_open(a, &in, &out))
			pm_agent_broken(a, "open", &in.err);
		else if (used)
			exchange(a, &in, &out, i);
		pm_side_close(pm_agent_draw(a, 0, 1) ? &in : &out);
		pm_side_close(&in);
		pm_side_close(&out);
		a->found.faults += !used;
		a->found.recovered += !used;
	}
}

/* As many as there may be; then a message through each. */
void pm_role_hoarder(struct pm_agent *a)
{
	struct pm_side (*all)[2] = calloc(a->count, sizeof(*all));
	struct ipc_err err;
	uint64_t have = 0;

	ipc_limit_handles(pm_agent_draw(a, 64, 1500), &err);
	for (; all && have < a->count && !a->found.faults; have++) {
		all[have][0] = all[have][1] =
			(struct pm_side)PM_SIDE_INIT;
		a->found.faults += pm_sides_open(a, &all[have][0],
						 &all[have][1]) != IPC_OK;
	}
	if (a->found.faults) { /* the last one was refused */
		have--;
		pm_side_close(&all[have][0]);
		pm_side_close(&all[have][1]);
	}
	for (uint64_t i = 0; i < have && !a->found.broken; i++)
		exchange(a, &all[i][0], &all[i][1], i);
	for (uint64_t i = 0; i < have; i++) {
		pm_side_close(&all[i][0]);
		pm_side_close(&all[i][1]);
	}
	free(all);
	if (!a->found.broken) { /* and all is as before */
		struct pm_side in = PM_SIDE_INIT, out = PM_SIDE_INIT;

		if (pm_sides_open(a, &in, &out))
			pm_agent_broken(a, "open after many", &in.err);
		else
			a->found.recovered += a->found.faults;
		pm_side_close(&in);
		pm_side_close(&out);
	}
}

/* What was committed and never flushed may be lost, from the end. */
static void leave_in_flight(struct pm_agent *a, struct pm_side *in,
			    struct pm_side *out)
{
	uint64_t sent = 0, came = 0, count = pm_agent_draw(a, 1, 12);
	enum ipc_rc rc = IPC_OK;

	for (; sent < count; sent++) {
		void *data = out->engine->reserve(out->end);

		if (!data)
			break;
		pm_msg_fill(data, 64, sent);
		if (out->engine->commit(out->end, 64, IPC_MORE))
			break;
	}
	if (sent < count)
		pm_agent_broken(a, "commit", &out->end->err);
	pm_side_close(out);
	while (!rc && came <= sent)
		rc = pm_side_take(in, 64, came++);
	if (rc != IPC_EOF && rc != IPC_GONE)
		pm_agent_broken(a, "after a detach with messages in flight",
				&in->err);
	a->found.ops += sent;
}

/* The reader goes, its reads with it: the writer is told, or not at all. */
static void leave_reader(struct pm_agent *a, struct pm_side *in,
			 struct pm_side *out)
{
	enum ipc_rc rc;

	pm_side_send(out, 64, 0);
	if (pm_agent_draw(a, 0, 1))
		pm_side_take(in, 64, 0);
	pm_side_close(in);
	rc = pm_side_send(out, 64, 1);
	if (rc != IPC_GONE)
		pm_agent_broken(a, "a write to a reader that left",
				rc ? &out->err : NULL);
	a->found.ops++;
}

void pm_role_canceller(struct pm_agent *a)
{
	for (uint64_t i = 0; i < a->count && !a->found.broken; i++) {
		struct pm_side in = PM_SIDE_INIT, out = PM_SIDE_INIT;

		if (pm_sides_open(a, &in, &out))
			pm_agent_broken(a, "open", &in.err);
		else if (i % 2)
			leave_reader(a, &in, &out);
		else
			leave_in_flight(a, &in, &out);
		pm_side_close(&out);
		pm_side_close(&in);
		a->found.faults++;
		a->found.recovered += !a->found.broken;
	}
}

/*
 * A size that what lies in the pipe does not fit into is refused: fine.  Who
 * lends its pages to a pipe relies on the pipe's size, and says so: let it be.
 */
void pm_role_resizer(struct pm_agent *a)
{
	bool lends = a->cell.pairing.producer->needs & IPC_CAP_PIPE;
	struct pm_side in = PM_SIDE_INIT, out = PM_SIDE_INIT;
	uint64_t sent = 0, took = 0;
	struct ipc_err err;

	if (pm_sides_open(a, &in, &out))
		pm_agent_broken(a, "open", &in.err);
	while (took < a->count && !a->found.broken) {
		bool send = sent < a->count && sent - took < 2 &&
			    (sent == took || pm_agent_draw(a, 0, 1));
		size_t bytes = (size_t)16384 << pm_agent_draw(a, 0, 6);

		if (send && pm_side_send(&out, 1000, sent++))
			pm_agent_broken(a, "send", &out.err);
		if (!send && pm_side_take(&in, 1000, took++))
			pm_agent_broken(a, "receive", &in.err);
		if (!lends && !ipc_link_resize(&out.end->link, bytes, &err)) {
			a->found.faults++;
			a->found.recovered++;
		}
		a->found.ops += !send;
	}
	pm_side_close(&out);
	pm_side_close(&in);
}
