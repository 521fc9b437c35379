#include "bench/lastops.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/meddle.h"

enum { ENTRIES = 16, SHOWN = 8, ENGINES = 4 };

struct entry {
	uint64_t start_ns, end_ns; /* end_ns 0: not back yet */
	uint64_t bytes;
	int64_t  result;
	uint64_t op;
};

struct ring {
	_Atomic uint64_t count;
	struct entry     entry[ENTRIES];
};

/* One a process; threads share it. */
static struct ring ring;

static const char *const names[PM_OPS] = {
	"nothing", "reserve", "commit", "push", "flush", "next", "detach",
	"listen", "accept", "connect"
};

uint64_t pm_lastops_begin(enum pm_op op, uint64_t bytes)
{
	uint64_t which = atomic_fetch_add_explicit(&ring.count, 1,
						   memory_order_relaxed);

	ring.entry[which % ENTRIES] = (struct entry){
		.start_ns = ipc_now_ns(), .bytes = bytes, .op = op
	};
	return which;
}

void pm_lastops_end(uint64_t which, int64_t result)
{
	struct entry *e = &ring.entry[which % ENTRIES];

	e->result = result;
	e->end_ns = ipc_now_ns();
}

/* The engine: what is behind it is the hub's own. */

static void *reserve(struct ipc_end *end)
{
	uint64_t which = pm_lastops_begin(PM_OP_RESERVE, 0);
	void *data = end->hub->engine->reserve(end);

	pm_lastops_end(which, data ? 0 : end->err.rc);
	return data;
}

static enum ipc_rc commit(struct ipc_end *end, size_t len, unsigned flags)
{
	uint64_t which = pm_lastops_begin(PM_OP_COMMIT, len);
	enum ipc_rc rc = end->hub->engine->commit(end, len, flags);

	pm_lastops_end(which, rc);
	return rc;
}

static enum ipc_rc push(struct ipc_end *end)
{
	uint64_t which = pm_lastops_begin(PM_OP_PUSH, 0);
	enum ipc_rc rc = end->hub->engine->push(end);

	pm_lastops_end(which, rc);
	return rc;
}

static enum ipc_rc flush(struct ipc_end *end)
{
	uint64_t which = pm_lastops_begin(PM_OP_FLUSH, 0);
	enum ipc_rc rc = end->hub->engine->flush(end);

	pm_lastops_end(which, rc);
	return rc;
}

static int64_t next(struct ipc_hub *hub, struct ipc_end **from,
		    const void **data)
{
	uint64_t which = pm_lastops_begin(PM_OP_NEXT, 0);
	int64_t got = hub->engine->next(hub, from, data);

	pm_lastops_end(which, got);
	return got;
}

static void detach(struct ipc_end *end)
{
	uint64_t which = pm_lastops_begin(PM_OP_DETACH, 0);

	if (end)
		end->hub->engine->detach(end);
	pm_lastops_end(which, 0);
}

const struct ipc_engine *pm_lastops_engine(const struct ipc_engine *real)
{
	static const struct ipc_engine *known[ENGINES];
	static struct ipc_engine made[ENGINES];
	int i = 0;

	while (i < ENGINES && known[i] && known[i] != real)
		i++;
	if (i == ENGINES)
		return real;
	known[i] = real;
	made[i] = *real;
	made[i].reserve = reserve;
	made[i].commit = commit;
	made[i].push = push;
	made[i].flush = flush;
	made[i].next = next;
	made[i].detach = detach;
	return &made[i];
}

/* Where it is, and what is there. */

enum ipc_rc pm_lastops_announce(struct ipc_channel *channel,
				struct ipc_err *err)
{
	char line[40];

	snprintf(line, sizeof(line), "ring %" PRIx64 "\n",
		 (uint64_t)(uintptr_t)&ring);
	return ipc_channel_send(channel, line, strlen(line), err);
}

uint64_t pm_lastops_heard(const char *line)
{
	return strncmp(line, "ring ", 5) ? 0 : strtoull(line + 5, NULL, 16);
}

static void tell_one(FILE *out, const char *prefix, uint64_t number,
		     const struct entry *e, uint64_t now)
{
	uint64_t since = e->end_ns ? e->end_ns : e->start_ns;

	fprintf(out, "%soperation %" PRIu64 ": %s", prefix, number,
		names[e->op < PM_OPS ? e->op : PM_OP_NONE]);
	if (e->bytes)
		fprintf(out, " of %" PRIu64 " bytes", e->bytes);
	if (e->end_ns)
		fprintf(out, " returned %" PRId64 ",", e->result);
	else
		fprintf(out, " has not returned, called");
	fprintf(out, " %" PRIu64 " ms ago\n",
		now > since ? (now - since) / 1000000 : 0);
}

void pm_lastops_tell(FILE *out, const char *prefix,
		     const struct ipc_proc *proc, uint64_t address)
{
	struct ring seen = { .count = 0 };
	struct ipc_err err;
	uint64_t count, now = ipc_now_ns();
	char text[300];

	if (!address)
		return;
	if (ipc_proc_read(proc, address, &seen, sizeof(seen), &err)) {
		fprintf(out, "%slast operations: %s\n", prefix,
			ipc_err_text(&err, text, sizeof(text)));
		return;
	}
	count = seen.count;
	if (!count)
		fprintf(out, "%sno operation yet\n", prefix);
	for (uint64_t i = 0; i < SHOWN && i < count; i++)
		tell_one(out, prefix, count - i,
			 &seen.entry[(count - 1 - i) % ENTRIES], now);
}
