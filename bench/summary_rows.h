#ifndef PM_SUMMARY_ROWS_H
#define PM_SUMMARY_ROWS_H
/*
 * The trials of a run gathered for people: a row for each cell and arm that
 * was measured, rows of one question (the knobs that say so) in one group.
 */
#include "bench/env.h"
#include "bench/summary.h"

/* What a workload is about: the figures that its rows show. */
struct pm_subject {
	const char *workload;
	const char *speed, *second; /* metrics; the rows are ranked by speed */
	const char *speed_head, *second_head;
	bool        higher;         /* is better, and bytes a second */
};
const struct pm_subject *pm_subject_of(const struct pm_config *config);

struct pm_row {
	unsigned             cell, arm;
	const struct pm_cell *asked;
	const char          *transport;     /* "-" with the null engine */
	char                 engines[48];   /* "blocking", "uring > blocking" */
	char                 settings[256]; /* what else is no default here */
	bool                 floor;         /* null engine: never ranked */
	bool                 verified;
	bool                 swept;         /* one of several rates */
	uint64_t             footprint;     /* slots x size, bytes */
	struct pm_estimate   speed;         /* of the group's own metric */
	double               second;        /* ns, or messages/s */
	double               cpu_ns;        /* of both ends, a message */
	double               per_op;        /* messages by one transfer */
	unsigned             good, failed, dishonest; /* trials */
	unsigned             warnings;      /* of at least one good trial, */
	unsigned             mostly;        /* of at least half of them */
};

struct pm_group {
	const struct pm_config *asked; /* of its first row */
	const struct pm_subject *about;
	size_t                  first, count; /* rows, the fastest one first */
	bool   swept;  /* all of it: shown as a sweep */
	size_t ranked; /* so many have a speed, no floors */
	char   conditions[160]; /* what else makes the question, "" if nothing */
};

struct pm_rows {
	struct pm_row   *rows;
	struct pm_group *groups;
	size_t           count, group_count;
	char             common[512]; /* no defaults, but the same everywhere */
};

enum ipc_rc pm_rows_make(struct pm_rows *rows, const struct pm_plan *plan,
			 const struct pm_samples *samples);
void pm_rows_free(struct pm_rows *rows); /* harmless when zeroed */

/* What their 95 % intervals say of two rows. */
enum pm_relation {
	PM_DIFFERENT, /* they do not overlap */
	PM_ALIKE,
	PM_UNJUDGED   /* one of them has none */
};
enum pm_relation pm_rows_compare(const struct pm_row *a,
				 const struct pm_row *b);

/* What the screen is like. */
struct pm_screen {
	FILE                *out;
	unsigned             width; /* columns; 0: no limit */
	bool                 color;
	const char          *wine;  /* "wine 8.0" or NULL */
	const struct pm_env *env;
};

/* Text in these, if the screen has them; "" else. */
const char *pm_bold(const struct pm_screen *s);
const char *pm_plain(const struct pm_screen *s);

/* A unit that suits value: its divisor and name. */
struct pm_scale {
	double      divisor;
	const char *name;
};
struct pm_scale pm_scale_ns(double ns);
struct pm_scale pm_scale_bytes(double bytes_per_s);
/* About three digits, "-" for NaN. */
const char *pm_figure(double value, double divisor, char buf[24]);
const char *pm_figure_count(double value, char buf[24]); /* "1.23M" */
const char *pm_figure_ns(double value, char buf[24]);    /* "4.10 us" */

/* "pingpong, message 64K", with what else makes the question. */
const char *pm_group_title(const struct pm_group *g, char *buf, size_t size);
/* "pipe, placement=same"; engines if they are not blocking. */
const char *pm_row_label(const struct pm_plan *plan, const struct pm_row *row,
			 char *buf, size_t size);

/* The parts of the screen, from the top. */
void pm_print_answers(const struct pm_screen *s, const struct pm_plan *plan,
		      const struct pm_rows *rows);
void pm_print_tables(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_rows *rows);
void pm_print_skipped(const struct pm_screen *s, const struct pm_plan *plan);
void pm_print_failed(const struct pm_screen *s, const struct pm_plan *plan,
		     const struct pm_samples *samples);
void pm_print_warnings(const struct pm_screen *s);
/* All of it; pm_summary_print with a screen of one's own. */
void pm_summary_write(const struct pm_screen *s, const struct pm_plan *plan,
		      const struct pm_samples *samples);

#endif
