#ifndef PM_LIST_H
#define PM_LIST_H
/* What pipemark list can show: each as text for people and as JSON. */
#include <stdio.h>

#include "bench/json.h"

struct pm_list {
	const char *name;
	const char *summary;
	void (*text)(FILE *out, unsigned width);
	/* one member of the open object, called name */
	void (*json)(struct pm_json *j, const char *name);
	void (*markdown)(FILE *out); /* NULL: there is none */
};
extern const struct pm_list pm_lists[]; /* ended by a NULL name */

void pm_list_knobs_text(FILE *out, unsigned width);
void pm_list_knobs_json(struct pm_json *j, const char *name);
void pm_list_knobs_markdown(FILE *out);
void pm_list_matrix_text(FILE *out, unsigned width);
void pm_list_matrix_json(struct pm_json *j, const char *name);

/* "a b c" as an array of strings. */
void pm_list_words_json(struct pm_json *j, const char *key, const char *words);

/* list live: the exit status. */
int pm_list_live(bool json);
extern const char pm_list_live_summary[];

#endif
