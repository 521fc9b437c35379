#ifndef PM_HIST_H
#define PM_HIST_H
/*
 * A latency histogram in ns: log-linear, index for index HdrHistogram's
 * (lowest 1, 2 or 3 significant digits), from 1 ns to 2^40 ns (18 minutes).
 * Preallocated, private to one thread; recording is a few instructions.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ipc/err.h"

struct pm_hist {
	unsigned  sub;   /* log2 of the sub-buckets in an octave: 7 or 10 */
	uint32_t  size;  /* counters */
	uint64_t  n, over; /* recorded, over included */
	uint64_t  min, max, sum; /* ns, exact; min is UINT64_MAX when empty */
	double    sumsq;
	uint64_t *counts;
};

/* digits: 2 or 3.  Allocates and touches the counters. */
enum ipc_rc pm_hist_init(struct pm_hist *h, unsigned digits, struct ipc_err *err);
/* One of very many: it occupies only what it uses.  It must be empty. */
void pm_hist_rest(struct pm_hist *h);
void pm_hist_free(struct pm_hist *h); /* harmless when zeroed */
void pm_hist_reset(struct pm_hist *h);

static inline uint32_t pm_hist_index(const struct pm_hist *h, uint64_t ns)
{
	unsigned bits = 63u - (unsigned)__builtin_clzll(ns | 1);
	unsigned octave = bits > h->sub ? bits - h->sub : 0;

	return (uint32_t)((ns >> octave) + ((uint64_t)octave << h->sub));
}

static inline void pm_hist_record(struct pm_hist *h, uint64_t ns)
{
	uint32_t i = pm_hist_index(h, ns);

	if (__builtin_expect(i < h->size, 1))
		h->counts[i]++;
	else
		h->over++;
	h->n++;
	h->sum += ns;
	h->sumsq += (double)ns * (double)ns;
	h->min = ns < h->min ? ns : h->min;
	h->max = ns > h->max ? ns : h->max;
}

/* Lower edge of bucket i in ns; that of i + 1 is its upper edge. */
uint64_t pm_hist_lower(const struct pm_hist *h, uint32_t i);
/*
 * 0 <= q < 1, interpolated inside its bucket, held between min and max.  NaN
 * when n is below 10 / (1 - q): too few to say (reports/FORMAT.md).
 */
double pm_hist_quantile(const struct pm_hist *h, double q);
double pm_hist_mean(const struct pm_hist *h); /* NaN when empty */
/* IPC_INVALID if the layouts differ. */
enum ipc_rc pm_hist_merge(struct pm_hist *into, const struct pm_hist *from);

#endif
