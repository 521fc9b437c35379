#include "bench/past_records.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"

enum { CELLS_MAX = 100000, ARGS_MAX = 10000, TEXT_MAX = 4096 };

static const char no_memory[] = "out of memory";

static bool nonsense(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

static bool get_uint(const struct pm_doc *doc, int object, const char *key,
		     unsigned *out)
{
	uint64_t n;

	if (!pm_doc_u64(doc, pm_doc_get(doc, object, key), &n) || n > INT_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool get_arm(const struct pm_doc *doc, unsigned arms, unsigned *arm)
{
	int value = pm_doc_get(doc, 0, "arm");

	*arm = pm_doc_says(doc, value, "b");
	return (*arm || pm_doc_says(doc, value, "a")) && *arm < arms;
}

static char *copied(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	return copy ? strcpy(copy, text) : NULL;
}

/* One more element of size bytes; room doubles.  NULL: no memory. */
static void *grown(void *list, size_t count, size_t size)
{
	if (count & (count - 1)) /* room is the next power of 2 */
		return list;
	return realloc(list, (count ? 2 * count : 1) * size);
}

/* --- run --- */

static bool take_schema(const struct pm_doc *doc, const char **why)
{
	static const char prefix[] = "pipemark-result/";
	char schema[64];
	unsigned long major;
	char *end;

	if (!pm_doc_text(doc, pm_doc_get(doc, 0, "schema"), schema,
			 sizeof(schema)) ||
	    strncmp(schema, prefix, sizeof(prefix) - 1) != 0)
		return nonsense(why, "this is no result file of pipemark");
	major = strtoul(schema + sizeof(prefix) - 1, &end, 10);
	if (*end != '.' || !major)
		return nonsense(why, "its schema has no version");
	if (major != 1)
		return nonsense(why, "its schema has a newer major version "
				     "than 1: a newer pipemark reads it");
	return true;
}

static bool take_args(struct pm_plan *plan, const struct pm_doc *doc)
{
	int list = pm_doc_get(doc, 0, "argv");
	char text[TEXT_MAX];

	for (int i = pm_doc_first(doc, list); i >= 0;
	     i = pm_doc_next(doc, list, i)) {
		char **argv = grown(plan->argv, (size_t)plan->argc,
				    sizeof(*argv));

		if (!argv)
			return false;
		plan->argv = argv;
		if (plan->argc == ARGS_MAX ||
		    !pm_doc_text(doc, i, text, sizeof(text)))
			return false;
		argv[plan->argc] = copied(text);
		if (!argv[plan->argc])
			return false;
		plan->argc++;
	}
	return true;
}

static bool take_arms(struct pm_plan *plan, const struct pm_doc *doc, int p)
{
	static const char *const names[] = { "a", "b" };
	int list = pm_doc_get(doc, p, "arms"), sets = pm_doc_get(doc, p, "sets");
	char text[TEXT_MAX];

	for (int i = pm_doc_first(doc, list); i >= 0;
	     i = pm_doc_next(doc, list, i)) {
		int set;

		if (plan->arms > 1 || !pm_doc_says(doc, i, names[plan->arms]))
			return false;
		set = pm_doc_get(doc, sets, names[plan->arms]);
		if (!pm_doc_text(doc, set, text, sizeof(text)))
			return false;
		plan->sets[plan->arms] = copied(text);
		if (!plan->sets[plan->arms])
			return false;
		plan->arms++;
	}
	return plan->arms > 0;
}

bool pm_past_run(struct pm_past *past, const struct pm_doc *doc,
		 const char **why)
{
	struct pm_plan *plan = &past->plan;
	int p = pm_doc_get(doc, 0, "plan");

	if (!take_schema(doc, why))
		return false;
	if (!pm_doc_text(doc, pm_doc_get(doc, 0, "id"), past->run_id,
			 sizeof(past->run_id)) ||
	    !pm_doc_text(doc, pm_doc_get(doc, 0, "host"), past->host,
			 sizeof(past->host)) ||
	    !pm_doc_u64(doc, pm_doc_get(doc, 0, "seed"), &plan->seed) ||
	    !get_uint(doc, p, "cells", &past->announced_cells) ||
	    past->announced_cells > CELLS_MAX ||
	    !get_uint(doc, p, "trials", &plan->trials))
		return nonsense(why, "the run record lacks a part of its plan");
	past->trials = plan->trials;
	if (!take_arms(plan, doc, p) || !take_args(plan, doc))
		return nonsense(why, "the run record has no sound arms, sets "
				     "or argv");
	return true;
}

/* --- cell --- */

/* An origin outlives the record it came from: each text is kept once. */
static const char *kept(struct pm_past *past, const char *text)
{
	char **texts;

	if (!*text)
		return "";
	for (size_t i = past->text_count; i-- > 0;)
		if (!strcmp(past->texts[i], text))
			return past->texts[i];
	texts = grown(past->texts, past->text_count, sizeof(*texts));
	if (!texts)
		return NULL;
	past->texts = texts;
	texts[past->text_count] = copied(text);
	return texts[past->text_count] ? texts[past->text_count++] : NULL;
}

static bool take_values(struct pm_past *past, const struct pm_doc *doc,
			struct pm_cell *cell, const char **why)
{
	int knobs = pm_doc_get(doc, 0, "knobs");
	char name[IPC_TEXT_MAX], value[PM_VALUE_MAX], from[TEXT_MAX];

	if (!pm_doc_is_object(doc, knobs))
		return nonsense(why, "a cell without knobs");
	for (int i = pm_doc_first(doc, knobs); i >= 0;
	     i = pm_doc_next(doc, knobs, i)) {
		int said = pm_doc_of(i);
		const char *origin;

		if (!pm_doc_text(doc, i, name, sizeof(name)) ||
		    !pm_doc_text(doc, pm_doc_get(doc, said, "v"), value,
				 sizeof(value)) ||
		    !pm_doc_text(doc, pm_doc_get(doc, said, "from"), from,
				 sizeof(from)))
			return nonsense(why, "a knob without value or origin");
		origin = kept(past, from);
		if (!origin)
			return nonsense(why, no_memory);
		if (pm_cell_set(cell, name, value, origin, NULL))
			return nonsense(why, "a knob or a value that this "
					     "pipemark does not have");
	}
	return true;
}

static bool take_skip(const struct pm_doc *doc, struct ipc_err *skip)
{
	int value = pm_doc_get(doc, 0, "skip"), reason, class;

	*skip = (struct ipc_err){ .rc = IPC_OK, .op = "" };
	if (value < 0 || pm_doc_is_null(doc, value))
		return true;
	reason = pm_doc_get(doc, value, "reason");
	class = pm_doc_get(doc, value, "class");
	skip->rc = pm_doc_says(doc, class, ipc_rc_name(IPC_INVALID))
			   ? IPC_INVALID
			   : IPC_UNSUPPORTED;
	return pm_doc_text(doc, reason, skip->what, sizeof(skip->what));
}

static struct pm_run_cell *cell_of(struct pm_plan *plan, unsigned n,
				   unsigned arm)
{
	struct pm_run_cell *cells;

	if (arm)
		return n + 1 == plan->cell_count ? &plan->cells[n] : NULL;
	if (n != plan->cell_count)
		return NULL;
	cells = grown(plan->cells, n, sizeof(*cells));
	if (!cells)
		return NULL;
	plan->cells = cells;
	plan->cell_count++;
	cells[n] = (struct pm_run_cell){ .skip = { { .op = "" },
						   { .op = "" } } };
	pm_cell_init(&cells[n].cell[0]);
	pm_cell_init(&cells[n].cell[1]);
	return &cells[n];
}

bool pm_past_cell(struct pm_past *past, const struct pm_doc *doc,
		  unsigned *cell, const char **why)
{
	struct pm_run_cell *c;
	unsigned n, arm;
	char id[PM_ID_MAX];

	if (!get_uint(doc, 0, "n", &n) || !get_arm(doc, past->plan.arms, &arm) ||
	    n >= past->announced_cells)
		return nonsense(why, "a cell that the plan has not");
	c = cell_of(&past->plan, n, arm);
	if (!c)
		return nonsense(why, "a cell out of its order");
	pm_doc_bool(doc, pm_doc_get(doc, 0, "sentinel"), &c->sentinel);
	if (!take_skip(doc, &c->skip[arm]))
		return nonsense(why, "a skipped cell without a reason");
	if (!take_values(past, doc, &c->cell[arm], why))
		return false;
	pm_cell_finish(&c->cell[arm], NULL); /* a skipped one may not fit */
	if (!pm_doc_text(doc, pm_doc_get(doc, 0, "id"), id, sizeof(id)) ||
	    strcmp(id, c->cell[arm].id) != 0)
		return nonsense(why, "the cell's values do not give its id: "
				     "made by another pipemark");
	past->cell_records++;
	*cell = n;
	return true;
}

bool pm_past_complete(const struct pm_past *past)
{
	return past->cell_records ==
	       (size_t)past->announced_cells * past->plan.arms;
}

/* --- trial --- */

static void take_u64(const struct pm_doc *doc, int object, const char *key,
		     uint64_t *out)
{
	uint64_t n;

	if (pm_doc_u64(doc, pm_doc_get(doc, object, key), &n))
		*out = n;
}

static void take_text(const struct pm_doc *doc, int object, const char *key,
		      char *buf, size_t size)
{
	if (!pm_doc_text(doc, pm_doc_get(doc, object, key), buf, size))
		buf[0] = '\0';
}

static bool take_state(const struct pm_doc *doc, struct pm_trial *t)
{
	int phase = pm_doc_get(doc, 0, "phase");

	if (!pm_doc_bool(doc, pm_doc_get(doc, 0, "ok"), &t->ok))
		return false;
	for (t->phase = PM_PHASE_SPAWN; t->phase <= PM_PHASE_DONE; t->phase++)
		if (pm_doc_says(doc, phase, pm_phase_names[t->phase]))
			return true;
	return false;
}

/* The text says all: operation, object and code of another process. */
static void take_error(const struct pm_doc *doc, struct pm_trial *t)
{
	int error = pm_doc_get(doc, 0, "error");
	int class = pm_doc_get(doc, error, "class");
	int end = pm_doc_get(doc, error, "end");

	t->err.op = "";
	if (t->ok)
		return;
	t->err.rc = IPC_OS;
	for (int rc = IPC_EOF; rc >= IPC_CORRUPT; rc--)
		if (pm_doc_says(doc, class, ipc_rc_name((enum ipc_rc)rc)))
			t->err.rc = (enum ipc_rc)rc;
	take_text(doc, error, "text", t->err.what, sizeof(t->err.what));
	for (int i = PM_PRODUCER; i <= PM_CONSUMER; i++)
		if (pm_doc_says(doc, end, pm_end_names[i]))
			t->err_end = i;
}

static void take_metrics(const struct pm_doc *doc, struct pm_trial *t)
{
	int metrics = pm_doc_get(doc, 0, "metrics");
	char name[64];

	if (!pm_doc_is_object(doc, metrics))
		return;
	for (int i = pm_doc_first(doc, metrics); i >= 0;
	     i = pm_doc_next(doc, metrics, i)) {
		int index = pm_doc_text(doc, i, name, sizeof(name))
				    ? pm_metric_find(name)
				    : -1;

		if (index >= 0)
			pm_doc_number(doc, pm_doc_of(i), &t->metrics[index]);
	}
}

static void take_measured(const struct pm_doc *doc, struct pm_trial *t)
{
	int buffers = pm_doc_get(doc, 0, "buffers");
	int how = pm_doc_get(doc, 0, "how");
	int integrity = pm_doc_get(doc, 0, "integrity");
	int noise = pm_doc_get(doc, 0, "noise");

	take_u64(doc, 0, "start_ns", &t->start_ns);
	take_u64(doc, 0, "setup_ns", &t->setup_ns);
	take_u64(doc, 0, "warmup_ns", &t->warmup_ns);
	take_u64(doc, 0, "measure_ns", &t->measure_ns);
	take_u64(doc, 0, "messages", &t->messages);
	take_u64(doc, 0, "bytes", &t->bytes);
	take_u64(doc, buffers, "asked", &t->asked_bytes);
	for (int i = PM_PRODUCER; i <= PM_CONSUMER; i++) {
		take_u64(doc, buffers, pm_end_names[i], &t->effective_bytes[i]);
		take_text(doc, how, pm_end_names[i], t->how[i],
			  sizeof(t->how[i]));
	}
	take_u64(doc, integrity, "lost", &t->lost);
	take_u64(doc, integrity, "repeated", &t->repeated);
	take_u64(doc, integrity, "reordered", &t->reordered);
	take_u64(doc, integrity, "corrupt", &t->corrupt);
	take_u64(doc, noise, "steal_ticks", &t->steal_ticks);
}

static void take_warnings(const struct pm_doc *doc, struct pm_trial *t)
{
	int list = pm_doc_get(doc, 0, "warnings");

	if (!pm_doc_is_array(doc, list))
		return;
	for (int i = pm_doc_first(doc, list); i >= 0;
	     i = pm_doc_next(doc, list, i))
		for (unsigned k = 0; pm_warning_names[k]; k++)
			if (pm_doc_says(doc, i, pm_warning_names[k]))
				t->warnings |= 1u << k;
}

static void take_cpus(const struct pm_doc *doc, struct pm_trial *t)
{
	int cpus = pm_doc_get(doc, 0, "cpus");

	for (int end = PM_PRODUCER; end <= PM_CONSUMER; end++) {
		int list = pm_doc_get(doc, cpus, pm_end_names[end]);
		int i = pm_doc_first(doc, list);

		for (unsigned k = 0; k < 2 && i >= 0; k++) {
			uint64_t cpu;

			if (pm_doc_u64(doc, i, &cpu) && cpu <= INT_MAX)
				t->cpus[end][k] = (int)cpu;
			i = pm_doc_next(doc, list, i);
		}
	}
}

bool pm_past_trial(struct pm_past *past, const struct pm_doc *doc,
		   unsigned *cell, const char **why)
{
	struct pm_trial *done, *t;
	unsigned arm;

	done = grown(past->done, past->done_count, sizeof(*done));
	if (!done)
		return nonsense(why, no_memory);
	past->done = done;
	t = &done[past->done_count];
	pm_trial_init(t);
	if (!get_uint(doc, 0, "cell", &t->cell) ||
	    t->cell >= past->plan.cell_count ||
	    !get_arm(doc, past->plan.arms, &arm))
		return nonsense(why, "a trial of a cell that is not there");
	t->arm = arm ? 'b' : 'a';
	if (!get_uint(doc, 0, "round", &t->round) ||
	    !get_uint(doc, 0, "slot", &t->slot) ||
	    !get_uint(doc, 0, "pair", &t->pair) || !take_state(doc, t))
		return nonsense(why, "a trial without its place or state");
	take_error(doc, t);
	take_measured(doc, t);
	take_metrics(doc, t);
	take_warnings(doc, t);
	take_cpus(doc, t);
	past->done_count++;
	*cell = t->cell;
	return true;
}
