#ifndef PM_SUGGEST_H
#define PM_SUGGEST_H
/* "Did you mean": the nearest of some names, or NULL if none is near. */
#include <stddef.h>

struct pm_suggest {
	const char *word;
	const char *best;
	size_t      distance;
};
void pm_suggest_start(struct pm_suggest *s, const char *word);
void pm_suggest_offer(struct pm_suggest *s, const char *candidate);
const char *pm_suggest_best(const struct pm_suggest *s);

#endif
