/* A histogram from its JSON: reports/FORMAT.md. */
#include <string.h>

#include "bench/json_read.h"
#include "bench/merge.h"

static bool number(const struct pm_doc *doc, const char *key, uint64_t *out)
{
	return pm_doc_u64(doc, pm_doc_get(doc, 0, key), out);
}

/* Pairs: how far on, and the count. */
static bool read_buckets(struct pm_hist *h, const struct pm_doc *doc)
{
	int list = pm_doc_get(doc, 0, "b");
	uint64_t at = 0, step, count;
	int item;

	if (!pm_doc_is_array(doc, list))
		return false;
	for (item = pm_doc_first(doc, list); item != PM_NO_VALUE;
	     item = pm_doc_next(doc, list, item)) {
		if (!pm_doc_u64(doc, item, &step))
			return false;
		item = pm_doc_next(doc, list, item);
		if (item == PM_NO_VALUE || !pm_doc_u64(doc, item, &count))
			return false;
		at += step;
		if (at >= h->size)
			return false;
		h->counts[at] = count;
	}
	return true;
}

static bool fill(struct pm_hist *h, const struct pm_doc *doc)
{
	return number(doc, "n", &h->n) && number(doc, "over", &h->over) &&
	       number(doc, "sum", &h->sum) &&
	       pm_doc_number(doc, pm_doc_get(doc, 0, "sumsq"), &h->sumsq) &&
	       (!h->n || (number(doc, "min", &h->min) &&
			  number(doc, "max", &h->max))) &&
	       read_buckets(h, doc);
}

bool pm_hist_read(struct pm_hist *h, const char *json)
{
	struct pm_doc doc = { 0 };
	uint64_t sub = 0;
	bool ok = pm_doc_parse(&doc, json, strlen(json)) &&
		  number(&doc, "sub", &sub) && (sub == 7 || sub == 10) &&
		  !pm_hist_init(h, sub == 7 ? 2 : 3, NULL);

	if (ok && !fill(h, &doc)) {
		pm_hist_free(h);
		ok = false;
	}
	pm_doc_free(&doc);
	return ok;
}
