#include "bench/summary_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/resolve.h"
#include "bench/sweep.h"

/* --- what a cell's settings say beyond the table's own columns --- */

/* Knobs that a column or the words of a group's title show. */
static bool is_shown(const char *token, size_t length)
{
	static const char *const names[] = {
		"workload", "message",	   "message-min", "reply",
		"kind",	    "transport",   "io",	  "producer-io",
		"verify",   "consumer-io", "rate",	  "arrival",
		NULL
	};
	size_t n = strcspn(token, "=");

	for (size_t i = 0; n <= length && names[i]; i++)
		if (strlen(names[i]) == n && !strncmp(names[i], token, n))
			return true;
	return false;
}

/* Does it say what is asked for? */
static bool is_question(const char *token, size_t length)
{
	char name[KNOB_NAME_MAX];
	const struct knob *knob;
	size_t n = strcspn(token, "=");

	if (n > length || n >= sizeof(name))
		return false;
	memcpy(name, token, n);
	name[n] = '\0';
	knob = pm_knob_find(name);
	return knob && knob->question;
}

/* Is "knob=value" one of the words of an id? */
static bool has_token(const char *id, const char *token, size_t length)
{
	while (*id) {
		size_t n = strcspn(id, " ");

		if (n == length && !strncmp(id, token, n))
			return true;
		id += n + (id[n] == ' ');
	}
	return false;
}

static void add_token(char *buf, size_t size, const char *token, size_t length)
{
	size_t used = strlen(buf);

	snprintf(buf + used, size - used, "%s%.*s", used ? " " : "",
		 (int)length, token);
}

/* What every row has, once, if there are several. */
static void take_common(struct pm_rows *rows)
{
	const char *id = rows->count > 1 ? rows->rows[0].asked->id : "";

	while (*id) {
		size_t n = strcspn(id, " "), i = 1;

		while (i < rows->count &&
		       has_token(rows->rows[i].asked->id, id, n))
			i++;
		if (i == rows->count && !is_shown(id, n))
			add_token(rows->common, sizeof(rows->common), id, n);
		id += n + (id[n] == ' ');
	}
}

/* What only some rows have: of the question, or of how it was done. */
static void take_own(const struct pm_rows *rows, const char *id, bool question,
		     char *buf, size_t size)
{
	while (*id) {
		size_t n = strcspn(id, " ");

		if (!is_shown(id, n) && !has_token(rows->common, id, n) &&
		    is_question(id, n) == question)
			add_token(buf, size, id, n);
		id += n + (id[n] == ' ');
	}
}

/* --- one row --- */

static void take_pairing(struct pm_row *row, const struct ipc_pairing *p)
{
	const char *producer = p->producer ? p->producer->name : "?";
	const char *consumer = p->consumer ? p->consumer->name : "?";

	row->transport = p->transport ? p->transport->name : "-";
	row->floor = !strcmp(producer, "null") || !strcmp(consumer, "null");
	if (!strcmp(producer, consumer))
		snprintf(row->engines, sizeof(row->engines), "%s", producer);
	else
		snprintf(row->engines, sizeof(row->engines), "%s > %s",
			 producer, consumer);
}

static double metric(const struct pm_trial *t, const char *name)
{
	int i = pm_metric_find(name);

	return i < 0 ? NAN : t->metrics[i];
}

static const struct pm_subject subjects[] = {
	[PM_WORKLOAD_PINGPONG] = { "pingpong", "rtt_p50", "rtt_p99", "p50",
				   "p99", false },
	[PM_WORKLOAD_STREAM] = { "stream", "bytes_per_s", "messages_per_s", "",
				 "msg/s", true },
	[PM_WORKLOAD_PACED] = { "paced", "response_p99", "response_p50", "p99",
				"p50", false },
	[PM_WORKLOAD_CONNECT] = { "connect", "connect_p50", "connect_p99",
				  "p50", "p99", false },
};

const struct pm_subject *pm_subject_of(const struct pm_config *config)
{
	return &subjects[config->workload];
}

/* Without stamps the mean round trip; a mark says so. */
static double speed_of(const struct pm_trial *t, const struct pm_subject *about)
{
	double speed = metric(t, about->speed);

	return isnan(speed) && about == &subjects[PM_WORKLOAD_PINGPONG]
		       ? 1e9 / metric(t, "messages_per_s")
		       : speed;
}

static double second_of(const struct pm_trial *t,
			const struct pm_subject *about)
{
	return metric(t, about->second);
}

static double cpu_of(const struct pm_trial *t, const struct pm_subject *about)
{
	(void)about;
	return (metric(t, "producer.cpu_user") + metric(t, "producer.cpu_sys") +
		metric(t, "consumer.cpu_user") +
		metric(t, "consumer.cpu_sys")) / (double)t->messages;
}

static double per_op_of(const struct pm_trial *t,
			const struct pm_subject *about)
{
	(void)about;
	return fmax(metric(t, "producer.messages_per_op"),
		    metric(t, "consumer.messages_per_op"));
}

static bool is_good(const struct pm_trial *t)
{
	return t->ok && !t->lost && !t->repeated && !t->reordered &&
	       !t->corrupt;
}

/* Trials of one row, next to each other. */
struct stretch {
	const struct pm_trial **trials;
	size_t                  count;
	double                 *values; /* room for count */
};

typedef double figure_of(const struct pm_trial *t,
			 const struct pm_subject *about);

static struct pm_estimate estimate(const struct stretch *s,
				   const struct pm_subject *about,
				   figure_of *of)
{
	unsigned k = 0;

	for (size_t i = 0; i < s->count; i++) {
		double value = of(s->trials[i], about);

		if (is_good(s->trials[i]) && isfinite(value))
			s->values[k++] = value;
	}
	return pm_estimate(s->values, k);
}

/* Warnings that so many good trials have. */
static unsigned warned(const struct stretch *s, size_t least)
{
	unsigned found = 0;

	for (unsigned bit = 0; pm_warning_names[bit]; bit++) {
		size_t n = 0;

		for (size_t i = 0; i < s->count; i++)
			n += is_good(s->trials[i]) &&
			     s->trials[i]->warnings >> bit & 1;
		found |= n && n >= least ? 1u << bit : 0;
	}
	return found;
}

static void take_trials(struct pm_row *row, const struct stretch *s)
{
	const struct pm_subject *about = pm_subject_of(&row->asked->config);

	for (size_t i = 0; i < s->count; i++) {
		const struct pm_trial *t = s->trials[i];

		row->good += is_good(t);
		row->failed += !t->ok;
		row->dishonest += t->ok && !is_good(t);
	}
	row->warnings = warned(s, 1);
	row->mostly = warned(s, (row->good + 1) / 2);
	row->speed = estimate(s, about, speed_of);
	row->second = estimate(s, about, second_of).median;
	row->cpu_ns = estimate(s, about, cpu_of).median;
	row->per_op = estimate(s, about, per_op_of).median;
}

/* Buffers in rotation, at the end that has more of them. */
static uint64_t slots_of(const struct ipc_opts *io, const struct ipc_pairing *p)
{
	bool deep = pm_word_in(p->producer ? p->producer->knobs : NULL, "depth") ||
		    pm_word_in(p->consumer ? p->consumer->knobs : NULL, "depth");
	uint64_t least = deep ? io->depth : 1;

	return io->slots == IPC_SLOTS_AUTO || io->slots < least ? least
								: io->slots;
}

static void start_row(struct pm_row *row, const struct pm_plan *plan,
		      unsigned cell, unsigned arm)
{
	const struct pm_run_cell *c = &plan->cells[cell];
	const struct pm_config *config = &c->cell[arm].config;

	*row = (struct pm_row){ .cell = cell,
				.arm = arm,
				.asked = &c->cell[arm],
				.verified = config->verify };
	row->footprint = slots_of(&config->io, &c->pairing[arm]) *
			 (uint64_t)config->io.size;
	take_pairing(row, &c->pairing[arm]);
}

/* --- all rows --- */

static int by_row(const void *a, const void *b)
{
	const struct pm_trial *x = *(const struct pm_trial *const *)a;
	const struct pm_trial *y = *(const struct pm_trial *const *)b;

	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	return (x->arm > y->arm) - (x->arm < y->arm);
}

static bool same_row(const struct pm_trial *x, const struct pm_trial *y)
{
	return x->cell == y->cell && x->arm == y->arm;
}

/* Fills the rows in the plan's order from trials in the same order. */
static void fill_rows(struct pm_rows *rows, const struct pm_plan *plan,
		      const struct pm_trial **trials, size_t count,
		      double *values)
{
	for (size_t i = 0, n; i < count; i += n) {
		struct pm_row *row = &rows->rows[rows->count];
		struct stretch s = { &trials[i], 0, values };

		while (i + s.count < count &&
		       same_row(trials[i], trials[i + s.count]))
			s.count++;
		n = s.count;
		if (plan->cells[trials[i]->cell].sentinel)
			continue; /* a control is no result */
		rows->count++;
		start_row(row, plan, trials[i]->cell, trials[i]->arm == 'b');
		take_trials(row, &s);
	}
	take_common(rows);
	for (size_t i = 0; i < rows->count; i++)
		take_own(rows, rows->rows[i].asked->id, false,
			 rows->rows[i].settings,
			 sizeof(rows->rows[i].settings));
}

/* Has it a value that is no default?  Then its id says so. */
static bool has_own(const struct pm_row *row, const struct knob *knob)
{
	size_t n = strlen(knob->name);
	const char *id = row->asked->id;

	for (; *id; id += strcspn(id, " ") + (id[strcspn(id, " ")] == ' '))
		if (!strncmp(id, knob->name, n) && id[n] == '=')
			return true;
	return false;
}

/* The default first, then by value. */
static int by_knob(const struct knob *knob, const struct pm_row *a,
		   const struct pm_row *b)
{
	char x[PM_VALUE_MAX], y[PM_VALUE_MAX];
	uint64_t p = 0, q = 0;
	bool own[2] = { has_own(a, knob), has_own(b, knob) };

	if (!own[0] || !own[1])
		return own[0] - own[1];
	pm_knob_number(knob, &a->asked->config, &p);
	pm_knob_number(knob, &b->asked->config, &q);
	if (p != q)
		return p < q ? -1 : 1;
	return strcmp(pm_knob_print(knob, &a->asked->config, x),
		      pm_knob_print(knob, &b->asked->config, y));
}

/* 0 where two rows answer the same question: one of its knobs after the
 * other, the message's length last. */
static int by_question(const struct pm_row *a, const struct pm_row *b)
{
	const struct pm_config *x = &a->asked->config, *y = &b->asked->config;
	int order = (x->workload > y->workload) - (x->workload < y->workload);

	for (size_t i = 0; i < pm_knob_count && !order; i++)
		if (pm_knobs[i].question && strcmp(pm_knobs[i].name, "message"))
			order = by_knob(&pm_knobs[i], a, b);
	return order ? order : (x->message > y->message) - (x->message < y->message);
}

static bool is_ranked(const struct pm_row *row)
{
	return !row->floor && !isnan(row->speed.median) &&
	       !(row->mostly & (PM_WARN_VOID | PM_WARN_MISSED));
}

/* Fast ones first, then what has no speed or none that counts, floors last. */
static int by_speed(const void *a, const void *b)
{
	const struct pm_row *x = a, *y = b;
	int order = by_question(x, y);
	double p = x->speed.median, q = y->speed.median;

	if (order)
		return order;
	if (x->floor != y->floor)
		return x->floor ? 1 : -1;
	if (is_ranked(x) != is_ranked(y))
		return is_ranked(x) ? -1 : 1;
	if (isnan(p) != isnan(q))
		return isnan(p) ? 1 : -1;
	if (!isnan(p) && p != q)
		return (pm_subject_of(&x->asked->config)->higher ? p > q : p < q) ? -1 : 1;
	if (x->cell != y->cell) /* as qsort is not stable */
		return x->cell < y->cell ? -1 : 1;
	return (x->arm > y->arm) - (x->arm < y->arm);
}

static void make_groups(struct pm_rows *rows)
{
	if (rows->count)
		qsort(rows->rows, rows->count, sizeof(*rows->rows), by_speed);
	for (size_t i = 0; i < rows->count; i++) {
		struct pm_row *row = &rows->rows[i];
		struct pm_group *g = &rows->groups[rows->group_count];

		if (i && !by_question(row, row - 1)) {
			g--;
		} else {
			rows->group_count++;
			*g = (struct pm_group){
				.asked = &row->asked->config,
				.about = pm_subject_of(&row->asked->config),
				.first = i,
			};
			take_own(rows, row->asked->id, true, g->conditions,
				 sizeof(g->conditions));
		}
		g->count++;
		g->ranked += is_ranked(row);
	}
}

enum ipc_rc pm_rows_make(struct pm_rows *rows, const struct pm_plan *plan,
			 const struct pm_samples *samples)
{
	size_t n = samples->count + 1; /* malloc(0) may be NULL */
	const struct pm_trial **trials = malloc(n * sizeof(*trials));
	double *values = malloc(n * sizeof(*values));
	size_t most = (size_t)plan->cell_count * plan->arms;

	most = most < samples->count ? most : samples->count;
	*rows = (struct pm_rows){ .count = 0 };
	rows->rows = calloc(most + 1, sizeof(*rows->rows));
	rows->groups = calloc(most + 1, sizeof(*rows->groups));
	if (trials && values && rows->rows && rows->groups) {
		for (size_t i = 0; i < samples->count; i++)
			trials[i] = &samples->trials[i];
		qsort(trials, samples->count, sizeof(*trials), by_row);
		fill_rows(rows, plan, trials, samples->count, values);
		make_groups(rows);
		pm_sweep_mark(rows);
	} else {
		pm_rows_free(rows);
	}
	free(trials);
	free(values);
	return rows->rows ? IPC_OK : IPC_NOMEM;
}

void pm_rows_free(struct pm_rows *rows)
{
	free(rows->rows);
	free(rows->groups);
	*rows = (struct pm_rows){ .count = 0 };
}

enum pm_relation pm_rows_compare(const struct pm_row *a,
				 const struct pm_row *b)
{
	if (isnan(a->speed.lo) || isnan(b->speed.lo))
		return PM_UNJUDGED;
	return a->speed.hi < b->speed.lo || b->speed.hi < a->speed.lo
		       ? PM_DIFFERENT
		       : PM_ALIKE;
}
