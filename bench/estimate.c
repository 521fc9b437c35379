#include <math.h>
#include <stdlib.h>

#include "bench/summary.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Chance that exactly i of n samples fall below the true median. */
static double chance(unsigned n, unsigned i)
{
	return exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) -
		   n * log(2));
}

/*
 * The largest r such that the r-th smallest and the r-th largest of n samples
 * enclose the true median in at least 95 % of all cases; 0 if there is none.
 * No assumption about the distribution goes into it.
 */
static unsigned rank_of_95(unsigned n)
{
	double outside = 0;
	unsigned r = 0;

	while (r < n / 2) {
		outside += 2 * chance(n, r);
		if (outside > 0.05)
			break;
		r++;
	}
	return r;
}

struct pm_estimate pm_estimate(double *values, unsigned k)
{
	struct pm_estimate e = { k, NAN, NAN, NAN, NAN, NAN };
	unsigned r = rank_of_95(k);

	if (!k)
		return e;
	qsort(values, k, sizeof(*values), ascending);
	e.min = values[0];
	e.max = values[k - 1];
	e.median = (values[(k - 1) / 2] + values[k / 2]) / 2;
	if (r) {
		e.lo = values[r - 1];
		e.hi = values[k - r];
	}
	return e;
}
