#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/summary_rows.h"
#include "bench/sweep.h"
#include "ipc/sys.h"

enum { OTHERS_SHOWN = 6 };

/* --- the answers --- */

static void print_speed(const struct pm_screen *s, const struct pm_group *g,
			const struct pm_row *row)
{
	const struct pm_estimate *e = &row->speed;
	struct pm_scale scale = g->about->higher ? pm_scale_bytes(e->median)
					  : pm_scale_ns(e->median);
	char median[24], lo[24], hi[24];

	fprintf(s->out, "%s %s", pm_figure(e->median, scale.divisor, median),
		scale.name);
	if (!isnan(e->lo))
		fprintf(s->out, " [%s .. %s]",
			pm_figure(e->lo, scale.divisor, lo),
			pm_figure(e->hi, scale.divisor, hi));
}

/* Words one after the other, broken where the screen ends. */
struct flow {
	const struct pm_screen *s;
	size_t                  column, indent;
};

static void put_word(struct flow *f, const char *word)
{
	size_t n = strlen(word);

	if (f->s->width && f->column + n + 1 > f->s->width &&
	    f->column > f->indent) {
		fprintf(f->s->out, "\n%*s", (int)f->indent, "");
		f->column = f->indent;
	}
	fprintf(f->s->out, "%s%s", f->column > f->indent ? " " : "", word);
	f->column += n + (f->column > f->indent);
}

/* The other rows of which the intervals say this. */
static void print_others(const struct pm_screen *s, const struct pm_plan *plan,
			 const struct pm_rows *rows, const struct pm_group *g,
			 enum pm_relation relation, const char *heading)
{
	const struct pm_row *best = &rows->rows[g->first];
	struct flow flow = { s, 6, 6 };
	size_t all = 0;
	char label[400], word[420];

	for (size_t i = 1; i < g->ranked; i++)
		all += pm_rows_compare(best, best + i) == relation;
	if (!all)
		return;
	fprintf(s->out, "      ");
	put_word(&flow, heading);
	for (size_t i = 1, shown = 0; i < g->ranked && shown < all; i++) {
		if (pm_rows_compare(best, best + i) != relation)
			continue;
		if (shown == OTHERS_SHOWN && all > OTHERS_SHOWN + 1) {
			snprintf(word, sizeof(word), "and %zu more",
				 all - shown);
			put_word(&flow, word);
			break;
		}
		snprintf(word, sizeof(word), "%s%s",
			 pm_row_label(plan, best + i, label, sizeof(label)),
			 ++shown < all ? ";" : "");
		put_word(&flow, word);
	}
	fprintf(s->out, "\n");
}

/* Nothing in this group kept its rate. */
static bool missed(const struct pm_rows *rows, size_t group)
{
	const struct pm_group *g = &rows->groups[group];

	return !g->ranked && rows->rows[g->first].mostly & PM_WARN_MISSED;
}

static void print_answer(const struct pm_screen *s, const struct pm_plan *plan,
			 const struct pm_rows *rows, const struct pm_group *g)
{
	const struct pm_row *best = &rows->rows[g->first];
	char title[320], label[400];

	pm_group_title(g, title, sizeof(title));
	if (missed(rows, (size_t)(g - rows->groups)))
		fprintf(s->out, "  %s%s:%s nothing kept this rate\n",
			pm_bold(s), title, pm_plain(s));
	if (!g->ranked)
		return;
	fprintf(s->out, "  %s%s:%s %s%s%s, ", pm_bold(s),
		title, pm_plain(s),
		pm_row_label(plan, best, label, sizeof(label)),
		s->wine ? ", under Wine" : "",
		g->ranked > 1 ? "" : " (the only one)");
	print_speed(s, g, best);
	fprintf(s->out, "\n");
	print_others(s, plan, rows, g, PM_ALIKE,
		     "no slower, as far as this run can tell:");
	print_others(s, plan, rows, g, PM_UNJUDGED,
		     "not judged, too few trials:");
}

/* What the answers are ranked by. */
static const char *measure_text(const struct pm_rows *rows)
{
	for (size_t i = 0; i < rows->group_count; i++)
		if (rows->groups[i].asked->workload == PM_WORKLOAD_CONNECT)
			return "the median: of the round trip (pingpong), of "
			       "connecting (connect); 99 % response time "
			       "(paced); bytes a second (stream)";
	for (size_t i = 0; i < rows->group_count; i++)
		if (rows->groups[i].asked->workload == PM_WORKLOAD_PACED)
			return "median round trip (pingpong), bytes a second "
			       "(stream) or 99 % response time (paced)";
	return "median round trip (pingpong) or bytes a second (stream)";
}

void pm_print_answers(const struct pm_screen *s, const struct pm_plan *plan,
		      const struct pm_rows *rows)
{
	bool few = false, any = false;

	for (size_t i = 0; i < rows->group_count; i++)
		any |= !rows->groups[i].swept &&
		       (rows->groups[i].ranked || missed(rows, i));
	if (!any)
		return;
	fprintf(s->out, "%sFastest%s, by %s%s%s%s\n",
		pm_bold(s), pm_plain(s), measure_text(rows), s->wine ? ", measured under Wine (" : "",
		s->wine ? s->wine : "", s->wine ? ")" : "");
	for (size_t i = 0; i < rows->group_count; i++)
		if (!rows->groups[i].swept)
			print_answer(s, plan, rows, &rows->groups[i]);
	for (size_t i = 0; i < rows->count; i++)
		few |= rows->rows[i].speed.k && isnan(rows->rows[i].speed.lo);
	fprintf(s->out, "  [lo .. hi]: 95 %% interval of the median over the "
			"trials, from their order alone.\n"
			"  Where two intervals overlap, this run cannot tell "
			"which is faster.\n");
	if (few)
		fprintf(s->out, "  Below 6 trials there is no interval: "
				"--trials 6 or more.\n");
}

/* --- what was not measured --- */

struct reason {
	const char *text, *example;
	unsigned    count;
};

/* Count text among the reasons; room for one more is there. */
static size_t count_reason(struct reason *reasons, size_t n, const char *text,
			   const char *example)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(reasons[i].text, text)) {
			reasons[i].count++;
			return n;
		}
	reasons[n] = (struct reason){ text, example, 1 };
	return n + 1;
}

static void print_reasons(const struct pm_screen *s,
			  const struct reason *reasons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(s->out, "  %4u  %s\n        %s: %s\n", reasons[i].count,
			reasons[i].text,
			reasons[i].count > 1 ? "the first one" : "it",
			reasons[i].example[0] ? reasons[i].example
					      : "every default");
}

void pm_print_skipped(const struct pm_screen *s, const struct pm_plan *plan)
{
	size_t most = (size_t)plan->cell_count * plan->arms, n = 0;
	struct reason *reasons = calloc(most + 1, sizeof(*reasons));
	unsigned skipped = 0;

	if (!reasons)
		return;
	for (unsigned i = 0; i < plan->cell_count; i++) {
		const struct pm_run_cell *c = &plan->cells[i];
		unsigned arm = c->skip[0].rc ? 0 : 1;

		if (arm >= plan->arms || !c->skip[arm].rc)
			continue;
		skipped++;
		n = count_reason(reasons, n, c->skip[arm].what,
				 c->cell[arm].id);
	}
	if (skipped)
		fprintf(s->out, "\n%s%u of %u cells skipped%s%s\n", pm_bold(s),
			skipped, plan->cell_count, pm_plain(s),
			s->wine ? " (under Wine)" : "");
	print_reasons(s, reasons, n);
	free(reasons);
}

/* "measure, consumer: read: pipe: the producer has left" */
static void failure_text(const struct pm_trial *t, char *buf, size_t size)
{
	char err[2 * IPC_NAME_MAX];

	if (t->ok)
		snprintf(buf, size,
			 "wrong content: %llu lost, %llu repeated, %llu out of "
			 "order, %llu corrupt messages; their speed does not "
			 "count",
			 (unsigned long long)t->lost,
			 (unsigned long long)t->repeated,
			 (unsigned long long)t->reordered,
			 (unsigned long long)t->corrupt);
	else
		snprintf(buf, size, "in %s, %s: %s", pm_phase_names[t->phase],
			 t->err_end < 0 ? "runner" : pm_end_names[t->err_end],
			 ipc_err_text(&t->err, err, sizeof(err)));
}

enum { FAILURE_MAX = 640 };

static bool has_failed(const struct pm_trial *t)
{
	return !t->ok || t->lost || t->repeated || t->reordered || t->corrupt;
}

void pm_print_failed(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_samples *samples)
{
	size_t failed = 0, n = 0, k = 0;
	struct reason *reasons;
	char *texts;

	for (size_t i = 0; i < samples->count; i++)
		failed += has_failed(&samples->trials[i]);
	if (!failed)
		return;
	fprintf(s->out, "\n%s%zu of %zu trials failed%s\n", pm_bold(s), failed,
		samples->count, pm_plain(s));
	reasons = calloc(failed, sizeof(*reasons));
	texts = calloc(failed, FAILURE_MAX);
	for (size_t i = 0; reasons && texts && i < samples->count; i++) {
		const struct pm_trial *t = &samples->trials[i];
		char *text = texts + k * FAILURE_MAX;

		if (!has_failed(t))
			continue;
		failure_text(t, text, FAILURE_MAX);
		k++;
		n = count_reason(reasons, n, text,
				 plan->cells[t->cell].cell[t->arm == 'b'].id);
	}
	if (reasons)
		print_reasons(s, reasons, n);
	free(reasons);
	free(texts);
}

/* --- the machine --- */

void pm_print_warnings(const struct pm_screen *s)
{
	const struct pm_env *env = s->env;

	if (!env || !env->warning_count)
		return;
	fprintf(s->out, "\n%sThis machine%s\n", pm_bold(s), pm_plain(s));
	for (size_t i = 0; i < env->warning_count; i++) {
		const struct pm_env_warning *w = &env->warnings[i];

		fprintf(s->out, "  %s: %s: %s\n", pm_severity_names[w->severity],
			w->code, w->text);
		if (w->next)
			fprintf(s->out, "        try: %s\n", w->next);
	}
}

/* --- all of it --- */

static void print_head(const struct pm_screen *s, const struct pm_plan *plan,
		       const struct pm_samples *samples,
		       const struct pm_rows *rows)
{
	fprintf(s->out, "\n%zu trial%s of %zu configuration%s%s%s%s%s\n",
		samples->count, samples->count == 1 ? "" : "s", rows->count,
		rows->count == 1 ? "" : "s", s->wine ? ", under Wine" : "",
		plan->arms > 1 ? ", in two arms" : "",
		rows->common[0] ? ", all with " : "", rows->common);
	for (unsigned i = 0; i < plan->arms && plan->arms > 1; i++)
		fprintf(s->out, "  arm %c: %s%s%s\n", 'a' + (int)i,
			plan->sets[i] && plan->sets[i][0] ? plan->sets[i]
							  : "as it is",
			plan->prefix[i] ? " under " : "",
			plan->prefix[i] ? plan->prefix[i] : "");
}

void pm_summary_write(const struct pm_screen *s, const struct pm_plan *plan,
		      const struct pm_samples *samples)
{
	struct pm_rows rows;

	if (pm_rows_make(&rows, plan, samples)) {
		fprintf(s->out, "out of memory: no summary\n");
		return;
	}
	pm_print_answers(s, plan, &rows);
	print_head(s, plan, samples, &rows);
	pm_print_sweeps(s, plan, &rows);
	pm_print_tables(s, plan, &rows);
	pm_print_failed(s, plan, samples);
	pm_print_skipped(s, plan);
	pm_print_warnings(s);
	pm_rows_free(&rows);
}

bool pm_color_wanted(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && !strcmp(term, "dumb")) &&
	       ipc_terminal_styles(out);
}

void pm_summary_print(FILE *out, const struct pm_plan *plan,
		      const struct pm_samples *samples, unsigned width,
		      bool color)
{
	struct pm_env env = { 0 };
	struct pm_screen screen = { out, width, color, ipc_wine(), &env };

	pm_env_collect(&env, NULL); /* without memory for it, no warnings */
	pm_summary_write(&screen, plan, samples);
	pm_env_free(&env);
}
