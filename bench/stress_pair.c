/* Which transport and engines a round is about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/msg.h"
#include "bench/resolve.h"
#include "bench/stress.h"

enum { PAIRS_MAX = 2048 };

struct pair {
	const char *transport, *mode, *producer, *consumer;
	bool        named;
};

static struct pair pairs[PAIRS_MAX];
static size_t      pair_count;

static enum ipc_rc set_all(struct pm_cell *cell, const char *const *settings,
			   struct ipc_err *err)
{
	enum ipc_rc rc = IPC_OK;

	for (; !rc && settings[0]; settings += 2)
		rc = pm_cell_set(cell, settings[0], settings[1], "stress", err);
	return rc;
}

static enum ipc_rc make(const struct pair *p, const char *const *settings,
			struct pm_stress_cell *out, struct ipc_err *err)
{
	const char *const base[] = {
		"transport", p->transport, "mode", p->mode,
		"producer-io", p->producer, "consumer-io", p->consumer,
		"verify", "yes", NULL
	};
	enum ipc_rc rc;

	pm_cell_init(&out->cell);
	rc = set_all(&out->cell, base, err);
	if (!rc)
		rc = set_all(&out->cell, settings, err);
	/* Two that spin on one CPU take turns of milliseconds. */
	if (!rc && (!strcmp(p->producer, "nowait") ||
		    !strcmp(p->consumer, "nowait")))
		rc = pm_cell_set(&out->cell, "poll", "yield", "stress", err);
	if (!rc)
		rc = pm_cell_finish(&out->cell, err);
	if (!rc)
		rc = pm_resolve(&out->cell, &out->pairing, err);
	return rc;
}

static void add(const struct pair *p)
{
	static const char *const plain[] = { "workload", "stream", NULL };
	static struct pm_stress_cell cell; /* large */
	struct ipc_err err;

	if (pair_count < PAIRS_MAX && !make(p, plain, &cell, &err) &&
	    !(cell.pairing.consumer->gives & IPC_CAP_OPAQUE))
		pairs[pair_count++] = *p;
}

static bool is_here(const struct ipc_named_engine *e)
{
	return e->it && !(e->it->gives & IPC_CAP_NO_LINK);
}

static void find_all(void)
{
	static const char *const modes[] = { "byte", "message" };

	if (pair_count)
		return;
	for (const struct ipc_named_transport *t = ipc_transports; t->name; t++)
		for (int m = 0; t->it && m < 2; m++)
			for (const struct ipc_named_engine *a = ipc_engines;
			     a->name; a++)
				for (const struct ipc_named_engine *b =
					     ipc_engines;
				     is_here(a) && b->name; b++)
					if (is_here(b))
						add(&(struct pair){
							t->name, modes[m],
							a->name, b->name,
							!t->it->pair });
}

static bool fits(const struct pair *p, enum pm_named named)
{
	return named == PM_ANY || p->named == (named == PM_NAMED);
}

size_t pm_stress_pairs(enum pm_named named)
{
	size_t count = 0;

	find_all();
	for (size_t i = 0; i < pair_count; i++)
		count += fits(&pairs[i], named);
	return count;
}

static const struct pair *nth(enum pm_named named, size_t n)
{
	for (size_t i = 0; i < pair_count; i++)
		if (fits(&pairs[i], named) && !n--)
			return &pairs[i];
	return NULL;
}

static size_t common(size_t a, size_t b)
{
	return b ? common(b, a % b) : a;
}

/* Steps of a length that meets every pair once before any comes again. */
static const struct pair *pick(const struct pm_stress *s, enum pm_named named)
{
	size_t count = pm_stress_pairs(named), step;
	uint64_t random = s->seed;

	if (!count)
		return NULL;
	step = 1 + (size_t)(pm_random(&random) % count);
	while (common(step, count) != 1)
		step++;
	return nth(named, (size_t)((pm_random(&random) % count +
				    s->round * step) % count));
}

bool pm_stress_cell(struct pm_stress *s, enum pm_named named,
		    const char *const *settings, struct pm_stress_cell *out)
{
	const struct pair *p = pick(s, named);
	struct ipc_err err;
	char text[400];

	if (p && !make(p, settings, out, &err))
		return true;
	if (p && err.rc == IPC_UNSUPPORTED)
		return false; /* these settings are not for this pair */
	s->found.broken++;
	pm_stress_note(s, "no cell: %s",
		       p ? ipc_err_text(&err, text, sizeof(text))
			 : "no transport and engine fit");
	return false;
}
