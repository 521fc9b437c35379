#include "bench/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"

#define KNEE_FACTOR 3
#define HALF_OCTAVE 1.4142135623730951
#define BOUND_NS    1e6 /* unless --p99-below says another one */

/* Two significant digits. */
static uint64_t rounded(double rate)
{
	double unit = 1;

	while (rate / unit >= 99.5)
		unit *= 10;
	return (uint64_t)(floor(rate / unit + 0.5) * unit);
}

static enum ipc_rc expand(uint64_t lo, uint64_t hi, char *buf,
			  struct ipc_err *err)
{
	size_t used = 0, count = 0;
	double rate = (double)lo;
	uint64_t last = 0;

	while (last != hi) {
		uint64_t next = rounded(rate);

		if (next <= lo || !last)
			next = lo;
		if (next >= hi)
			next = hi;
		if (++count > PM_SWEEP_MOST)
			return ipc_refusef(err, IPC_INVALID, "--sweep-rate",
					   "more than %d rates",
					   (int)PM_SWEEP_MOST);
		if (next != last)
			used += (size_t)snprintf(buf + used,
						 PM_SWEEP_TEXT_MAX - used,
						 "%s%llu", used ? "," : "",
						 (unsigned long long)next);
		last = next;
		rate *= HALF_OCTAVE;
	}
	return IPC_OK;
}

enum ipc_rc pm_sweep_rates(const char *text, char buf[PM_SWEEP_TEXT_MAX],
			   struct ipc_err *err)
{
	const char *dots = strstr(text, "..");
	char lo_text[32];
	uint64_t lo, hi;

	if (!dots) {
		snprintf(buf, PM_SWEEP_TEXT_MAX, "%s", text);
		return IPC_OK;
	}
	snprintf(lo_text, sizeof(lo_text), "%.*s", (int)(dots - text), text);
	if (pm_parse_u64(lo_text, UNIT_PER_SECOND, &lo, err) ||
	    pm_parse_u64(dots + 2, UNIT_PER_SECOND, &hi, err)) {
		err->op = "--sweep-rate"; /* the parser knows the value only */
		return err->rc;
	}
	if (!lo || lo >= hi)
		return ipc_refuse(err, IPC_INVALID, "--sweep-rate",
				  "write LOW..HIGH, such as 1K..500K, or a list");
	return expand(lo, hi, buf, err);
}

/* Are two ids the same but for their rate=? */
static bool same_but_rate(const char *a, const char *b)
{
	for (;;) {
		size_t n = strcspn(a, " "), m = strcspn(b, " ");
		bool rate = !strncmp(a, "rate=", 5) && !strncmp(b, "rate=", 5);

		if (!rate && (n != m || strncmp(a, b, n)))
			return false;
		if (!a[n] || !b[m])
			return a[n] == b[m];
		a += n + 1;
		b += m + 1;
	}
}

static bool same_sweep(const struct pm_row *a, const struct pm_row *b)
{
	return a->arm == b->arm &&
	       b->asked->config.workload == PM_WORKLOAD_PACED &&
	       same_but_rate(a->asked->id, b->asked->id);
}

static int by_rate(const void *a, const void *b)
{
	const struct pm_row *x = *(const struct pm_row *const *)a;
	const struct pm_row *y = *(const struct pm_row *const *)b;

	return (x->asked->config.rate > y->asked->config.rate) -
	       (x->asked->config.rate < y->asked->config.rate);
}

static bool seen_before(const struct pm_rows *rows, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_sweep(&rows->rows[at], &rows->rows[i]))
			return true;
	return false;
}

bool pm_sweep_next(const struct pm_rows *rows, size_t *at,
		   struct pm_sweep *sweep)
{
	for (; *at < rows->count; (*at)++) {
		const struct pm_row *row = &rows->rows[*at];

		if (row->asked->config.workload != PM_WORKLOAD_PACED ||
		    row->floor || seen_before(rows, *at))
			continue;
		sweep->count = 0;
		for (size_t i = *at; i < rows->count; i++)
			if (same_sweep(row, &rows->rows[i]) &&
			    sweep->count < PM_SWEEP_MOST)
				sweep->rows[sweep->count++] = &rows->rows[i];
		if (sweep->count < 2)
			continue;
		qsort(sweep->rows, sweep->count, sizeof(*sweep->rows), by_rate);
		(*at)++;
		return true;
	}
	return false;
}

void pm_sweep_mark(struct pm_rows *rows)
{
	struct pm_sweep sweep;
	size_t at = 0;

	while (pm_sweep_next(rows, &at, &sweep))
		for (size_t i = 0; i < sweep.count; i++)
			rows->rows[sweep.rows[i] - rows->rows].swept = true;
	for (size_t i = 0; i < rows->group_count; i++) {
		struct pm_group *g = &rows->groups[i];

		g->swept = !rows->rows[g->first].floor;
		for (size_t k = 0; k < g->count; k++)
			g->swept &= rows->rows[g->first + k].swept ||
				    rows->rows[g->first + k].floor;
	}
}

static bool reached(const struct pm_row *row)
{
	return row->good && !(row->mostly & PM_WARN_MISSED);
}

const struct pm_row *pm_sweep_knee(const struct pm_sweep *sweep)
{
	const struct pm_row *knee = NULL;
	double least = INFINITY;

	for (size_t i = 0; i < sweep->count; i++) {
		const struct pm_row *row = sweep->rows[i];

		if (!reached(row) || row->second > KNEE_FACTOR * least)
			break;
		least = fmin(least, row->second); /* which skips NaN */
		if (!isnan(row->second))
			knee = row;
	}
	return knee;
}

const struct pm_row *pm_sweep_best(const struct pm_sweep *sweep,
				   double bound_ns)
{
	const struct pm_row *best = NULL;

	for (size_t i = 0; i < sweep->count; i++) {
		const struct pm_row *row = sweep->rows[i];

		if (!reached(row) || row->speed.median >= bound_ns)
			break;
		if (!isnan(row->speed.median))
			best = row;
	}
	return best;
}

const struct pm_row *pm_sweep_doubt(const struct pm_sweep *sweep,
				    const struct pm_row *last)
{
	const struct pm_row *next = sweep->rows[0];

	for (size_t i = 0; last && i < sweep->count; i++)
		if (sweep->rows[i] == last)
			next = i + 1 < sweep->count ? sweep->rows[i + 1] : NULL;
	return next && next->mostly & PM_WARN_VOID ? next : NULL;
}

static void print_row(const struct pm_screen *s, const struct pm_row *row,
		      const struct pm_row *knee, const struct pm_row *last)
{
	char rate[24], p50[24], p99[24], lo[24], hi[24], interval[64] = "-";

	pm_figure_count((double)row->asked->config.rate, rate);
	if (!isnan(row->speed.lo))
		snprintf(interval, sizeof(interval), "%s .. %s",
			 pm_figure_ns(row->speed.lo, lo),
			 pm_figure_ns(row->speed.hi, hi));
	fprintf(s->out, "  %8s  %9s  %9s  %22s  %s%s%s%s\n", rate,
		pm_figure_ns(row->second, p50),
		pm_figure_ns(row->speed.median, p99), interval,
		reached(row) ? "reached" : "missed",
		row == knee && row != last ? ", the knee" : "",
		row->mostly & PM_WARN_VOID   ? ", void: the pacer was late"
		: row->mostly & PM_WARN_LATE ? ", the pacer was late"
					     : "",
		reached(row) && row->warnings & PM_WARN_MISSED
			? ", missed in some trials" : "");
}

static bool has_p99(const struct pm_sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++)
		if (!isnan(sweep->rows[i]->speed.median))
			return true;
	return false;
}

static void print_doubt(const struct pm_screen *s,
			const struct pm_row *late)
{
	char rate[24];

	fprintf(s->out, "  not proven: at %s/s the pacer was late, so it may be "
		"this machine that ended it, not the pipe\n",
		pm_figure_count((double)late->asked->config.rate, rate));
}

static void print_answers(const struct pm_screen *s,
			  const struct pm_sweep *sweep,
			  const struct pm_row *knee, double bound_ns)
{
	const struct pm_row *best = pm_sweep_best(sweep, bound_ns);
	const struct pm_row *last = sweep->rows[sweep->count - 1];
	const struct pm_row *late = NULL;
	bool known = has_p99(sweep);
	char rate[24], bound[24];

	if (!knee)
		fprintf(s->out, "  knee: below the lowest rate\n");
	else if (knee == last)
		fprintf(s->out, "  knee: not reached, above the highest rate\n");
	else
		fprintf(s->out, "  knee: %s/s; above it the rate is missed, or "
			"the median response is more than %d times the least\n",
			pm_figure_count((double)knee->asked->config.rate, rate),
			KNEE_FACTOR);
	if (best)
		fprintf(s->out, "  highest rate with a 99 %% response below %s: "
			"%s%s/s\n", pm_figure_ns(bound_ns, bound),
			best == last ? "at least " : "",
			pm_figure_count((double)best->asked->config.rate,
					rate));
	else
		fprintf(s->out, "  %s a 99 %% response below %s (--p99-below)\n",
			known ? "no rate has" : "too few messages to know of",
			pm_figure_ns(bound_ns, bound));
	if (known)
		late = pm_sweep_doubt(sweep, best);
	if (!late)
		late = pm_sweep_doubt(sweep, knee);
	if (late)
		print_doubt(s, late);
}

void pm_print_sweeps(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_rows *rows)
{
	double bound_ns = plan->p99_below_ns ? (double)plan->p99_below_ns
					     : BOUND_NS;
	struct pm_sweep sweep;
	size_t at = 0;

	while (pm_sweep_next(rows, &at, &sweep)) {
		const struct pm_row *knee = pm_sweep_knee(&sweep);
		const struct pm_row *first = sweep.rows[0];
		char label[400], message[PM_VALUE_MAX];

		fprintf(s->out, "\n%sLatency against offered load: %s, message "
			"%s%s%s%s\n", pm_bold(s),
			pm_row_label(plan, first, label, sizeof(label)),
			pm_print_u64(first->asked->config.message, UNIT_BYTES,
				     message),
			first->asked->config.arrival ? ", poisson" : "",
			s->wine ? ", under Wine" : "", pm_plain(s));
		fprintf(s->out, "  %8s  %9s  %9s  %22s\n", "rate/s", "p50", "p99",
			"95 % interval of p99");
		for (size_t i = 0; i < sweep.count; i++)
			print_row(s, sweep.rows[i], knee,
				  sweep.rows[sweep.count - 1]);
		print_answers(s, &sweep, knee, bound_ns);
	}
}
