#include <math.h>
#include <string.h>

#include "bench/summary_rows.h"

enum { CELL_TEXT = 24, NOTES_LEAST = 12 };

/* Marks: one letter in a row, one line of words below the tables. */
struct mark {
	char        letter;
	const char *text;
};

static const struct mark marks[] = {
	{ 'F', "another footprint (slots x size) than the fastest: part of the "
	       "difference may be its cache" },
	{ 'G', "several messages in one transfer: not the same work as one "
	       "each" },
	{ 'X', "some trials failed, see below; they are not in the figures" },
	{ 'S', "not steady: first and last quarter of a trial differ by more "
	       "than 10 %; try a longer warmup" },
	{ 'B', "behind: the target rate was not reached; the figures hide the "
	       "messages not sent" },
	{ 'L', "late: the pacer itself makes more than 10 % of the 99 % response "
	       "time; try pacer=spin, or CPUs of its own" },
	{ 'V', "void: the pacer's lateness, not the pipe, makes most of it" },
	{ 'C', "the system gave another buffer than was asked for; see "
	       "\"buffers\" in the result file" },
	{ 'E', "ended early: slower than its deadline; try a longer "
	       "--timeout" },
	{ 'M', "moved to another CPU though pinned; look for what moves "
	       "processes (cpusets, taskset)" },
	{ 'T', "the hypervisor took the CPU away (steal); try again when the "
	       "host is idle" },
	{ 'N', "too few messages for a rate; try a longer time "
	       "or a higher count" },
	{ 'H', "the harness's own time is more than 2 % of a message's; see floor in "
	       "the result file" },
	{ 'A', "without stamps: the average round trip, no percentiles" },
	{ '0', "the null engine moves nothing: the harness's own time" },
};
enum { MARKS = sizeof(marks) / sizeof(*marks) };

static bool has_mark(char letter, const struct pm_row *row,
		     const struct pm_row *best)
{
	switch (letter) {
	case 'F':
		return !row->floor && row->footprint != best->footprint;
	case 'G':
		return row->per_op > 1.01;
	case 'X':
		return row->failed || row->dishonest;
	case 'S':
		return row->mostly & PM_WARN_NOT_STEADY;
	case 'H':
		return row->mostly & PM_WARN_FLOOR;
	case 'B':
		return row->warnings & PM_WARN_MISSED;
	case 'L':
		return row->mostly & PM_WARN_LATE &&
		       !(row->mostly & PM_WARN_VOID);
	case 'V':
		return row->mostly & PM_WARN_VOID;
	case 'C':
		return row->warnings & PM_WARN_CLAMPED;
	case 'E':
		return row->warnings & PM_WARN_STOPPED;
	case 'M':
		return row->warnings & PM_WARN_MOVED;
	case 'A':
		return row->asked->config.workload == PM_WORKLOAD_PINGPONG &&
		       pm_untimed(&row->asked->config);
	case 'T':
		return row->warnings & PM_WARN_STEAL;
	case 'N':
		return row->warnings & PM_WARN_FEW;
	default:
		return row->floor;
	}
}

/* A row's marks; *seen collects them, by their place in the table above. */
static void mark_text(const struct pm_row *row, const struct pm_row *best,
		      unsigned *seen, char buf[MARKS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < MARKS; i++)
		if (has_mark(marks[i].letter, row, best)) {
			buf[n++] = marks[i].letter;
			*seen |= 1u << i;
		}
	buf[n] = '\0';
}

/* --- columns --- */

enum column {
	COL_TRANSPORT,
	COL_ENGINES,
	COL_SPEED,
	COL_INTERVAL,
	COL_SECOND,
	COL_CPU,
	COL_TRIALS,
	COL_MARKS,
	COLUMNS
};

struct line {
	char        text[COLUMNS][64];
	const char *notes; /* the last column, as long as there is room */
	const char *before, *after; /* around the line: colour */
};

struct layout {
	int width[COLUMNS]; /* 0: left out */
};

/* Without room, what says least goes first. */
static const enum column expendable[] = { COL_CPU, COL_SECOND, COL_ENGINES };

static int total(const struct layout *l)
{
	int sum = 2;

	for (int i = 0; i < COLUMNS; i++)
		sum += l->width[i] ? l->width[i] + 2 : 0;
	return sum;
}

static void fit(struct layout *l, unsigned width)
{
	for (size_t i = 0; i < sizeof(expendable) / sizeof(*expendable); i++)
		if (width && total(l) + NOTES_LEAST > (int)width)
			l->width[expendable[i]] = 0;
}

static void widen(struct layout *l, const struct line *line)
{
	for (int i = 0; i < COLUMNS; i++) {
		int n = (int)strlen(line->text[i]);

		l->width[i] = n > l->width[i] ? n : l->width[i];
	}
}

static void print_line(const struct pm_screen *s, const struct layout *l,
		       const struct line *line)
{
	int left = s->width ? (int)s->width - total(l) : 10000;
	int n = (int)strlen(line->notes);
	char text[1024];
	size_t used = 0;

	for (int i = 0; i < COLUMNS; i++)
		if (l->width[i])
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "  %*s",
				i == COL_TRANSPORT || i == COL_ENGINES ||
						i == COL_MARKS
					? -l->width[i]
					: l->width[i],
				line->text[i]);
	if (n > left && left >= 4)
		snprintf(text + used, sizeof(text) - used, "  %.*s...",
			 left - 3, line->notes);
	else
		snprintf(text + used, sizeof(text) - used, "  %.*s",
			 left < 0 ? 0 : left, line->notes);
	used = strlen(text);
	while (used && text[used - 1] == ' ')
		used--;
	fprintf(s->out, "%s%.*s%s\n", line->before, (int)used, text,
		line->after);
}

/* --- rows --- */

static void fill_head(struct line *line, const struct pm_group *g,
		      const struct pm_scale *scale)
{
	*line = (struct line){ .notes = "settings", .before = "",
			       .after = "" };
	strcpy(line->text[COL_TRANSPORT], "transport");
	strcpy(line->text[COL_ENGINES], "engines");
	snprintf(line->text[COL_SPEED], 64, "%s%s%s", g->about->speed_head,
		 g->about->speed_head[0] ? " " : "", scale->name);
	strcpy(line->text[COL_INTERVAL], "95 % interval");
	snprintf(line->text[COL_SECOND], 64, "%s%s%s", g->about->second_head,
		 g->about->higher ? "" : " ",
		 g->about->higher ? "" : scale->name);
	strcpy(line->text[COL_CPU], "CPU/msg");
	strcpy(line->text[COL_TRIALS], "trials");
}

static void fill_line(struct line *line, const struct pm_plan *plan,
		      const struct pm_group *g, const struct pm_row *row,
		      const struct pm_scale *scale)
{
	char a[CELL_TEXT], b[CELL_TEXT];
	const struct pm_estimate *e = &row->speed;

	*line = (struct line){ .notes = row->settings, .before = "",
			       .after = "" };
	snprintf(line->text[COL_TRANSPORT], 64, "%.40s%s", row->transport,
		 plan->arms < 2 ? "" : row->arm ? " (b)" : " (a)");
	snprintf(line->text[COL_ENGINES], 64, "%s", row->engines);
	strcpy(line->text[COL_SPEED], pm_figure(e->median, scale->divisor, a));
	if (!isnan(e->lo))
		snprintf(line->text[COL_INTERVAL], 64, "%s .. %s",
			 pm_figure(e->lo, scale->divisor, a),
			 pm_figure(e->hi, scale->divisor, b));
	else
		strcpy(line->text[COL_INTERVAL], "-");
	strcpy(line->text[COL_SECOND],
	       g->about->higher ? pm_figure_count(row->second, a)
			 : pm_figure(row->second, scale->divisor, a));
	strcpy(line->text[COL_CPU], pm_figure_ns(row->cpu_ns, a));
	snprintf(line->text[COL_TRIALS], 64, "%u", row->good);
}

static struct pm_scale scale_of(const struct pm_group *g,
				const struct pm_row *best)
{
	double value = isnan(best->speed.median) ? best->second
						 : best->speed.median;

	if (isnan(value))
		value = 0;

	return g->about->higher ? pm_scale_bytes(value) : pm_scale_ns(value);
}

static void measure_group(struct layout *l, const struct pm_plan *plan,
			  const struct pm_rows *rows, const struct pm_group *g)
{
	const struct pm_row *best = &rows->rows[g->first];
	struct pm_scale scale = scale_of(g, best);
	struct line line;
	unsigned seen = 0;

	fill_head(&line, g, &scale);
	widen(l, &line);
	for (size_t i = 0; i < g->count; i++) {
		fill_line(&line, plan, g, best + i, &scale);
		mark_text(best + i, best, &seen, line.text[COL_MARKS]);
		widen(l, &line);
	}
}

static void print_group(const struct pm_screen *s, const struct layout *l,
			const struct pm_plan *plan, const struct pm_rows *rows,
			const struct pm_group *g, unsigned *seen)
{
	const struct pm_row *best = &rows->rows[g->first];
	struct pm_scale scale = scale_of(g, best);
	struct line line;
	char title[320];

	fprintf(s->out, "\n%s%s%s%s%s\n", pm_bold(s),
		pm_group_title(g, title, sizeof(title)),
		s->wine ? ", under Wine: " : "", s->wine ? s->wine : "",
		pm_plain(s));
	fill_head(&line, g, &scale);
	print_line(s, l, &line);
	for (size_t i = 0; i < g->count; i++) {
		fill_line(&line, plan, g, best + i, &scale);
		mark_text(best + i, best, seen, line.text[COL_MARKS]);
		if (i < g->ranked && (!i || pm_rows_compare(best, best + i) ==
						    PM_ALIKE)) {
			line.before = pm_bold(s);
			line.after = pm_plain(s);
		}
		print_line(s, l, &line);
	}
}

/* 0 where the workload is about something else. */
static double p99_of(const struct pm_row *row)
{
	if (pm_untimed(&row->asked->config))
		return 0;
	switch (row->asked->config.workload) {
	case PM_WORKLOAD_PINGPONG:
	case PM_WORKLOAD_CONNECT:
		return row->second;
	case PM_WORKLOAD_PACED:
		return row->speed.median;
	default:
		return 0;
	}
}

/* Is there a p99 that nobody can say? */
static bool lacks_p99(const struct pm_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].good && isnan(p99_of(&rows->rows[i])))
			return true;
	return false;
}

void pm_print_tables(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_rows *rows)
{
	struct layout layout = { .width = { 0 } };
	unsigned seen = 0;

	for (size_t i = 0; i < rows->group_count; i++)
		if (!rows->groups[i].swept)
			measure_group(&layout, plan, rows, &rows->groups[i]);
	fit(&layout, s->width);
	for (size_t i = 0; i < rows->group_count; i++)
		if (!rows->groups[i].swept)
			print_group(s, &layout, plan, rows, &rows->groups[i],
				    &seen);
	if (seen || lacks_p99(rows))
		fprintf(s->out, "\n");
	if (lacks_p99(rows))
		fprintf(s->out, "  -  p99 needs 1000 messages in a trial; try a "
				"longer time or a higher count\n");
	for (size_t i = 0; i < MARKS; i++)
		if (seen & 1u << i)
			fprintf(s->out, "  %c  %s\n", marks[i].letter,
				marks[i].text);
}
