#include "bench/hist.h"

#include <math.h>
#include <string.h>

#include "ipc/mem.h"

enum { RANGE_BITS = 40 }; /* from 2^40 ns on it is over */

enum ipc_rc pm_hist_init(struct pm_hist *h, unsigned digits,
			 struct ipc_err *err)
{
	*h = (struct pm_hist){ .sub = digits == 3 ? 10 : 7, .min = UINT64_MAX };
	if (digits != 2 && digits != 3)
		return ipc_refusef(err, IPC_INVALID, "histogram",
				   "%u significant digits: 2 or 3", digits);
	h->size = (uint32_t)(RANGE_BITS - h->sub + 1) << h->sub;
	h->counts = ipc_pages_alloc(h->size * sizeof(*h->counts), err);
	return h->counts ? IPC_OK : IPC_NOMEM;
}

void pm_hist_free(struct pm_hist *h)
{
	ipc_pages_free(h->counts, h->size * sizeof(*h->counts));
	*h = (struct pm_hist){ 0 };
}

void pm_hist_rest(struct pm_hist *h)
{
	ipc_pages_rest(h->counts, h->size * sizeof(*h->counts));
}

/* What is read only stays at rest: see pm_hist_rest. */
void pm_hist_reset(struct pm_hist *h)
{
	for (uint32_t i = 0; i < h->size; i++)
		if (h->counts[i])
			h->counts[i] = 0;
	h->n = h->over = h->max = h->sum = 0;
	h->min = UINT64_MAX;
	h->sumsq = 0;
}

uint64_t pm_hist_lower(const struct pm_hist *h, uint32_t i)
{
	uint32_t octave = i >> h->sub;

	if (octave < 2)
		return i;
	octave--;
	return (uint64_t)(i - (octave << h->sub)) << octave;
}

static double between(double low, double value, double high)
{
	return value < low ? low : value > high ? high : value;
}

double pm_hist_quantile(const struct pm_hist *h, double q)
{
	double rank = q * (double)h->n, before = 0;

	/* 1 - q is inexact: 100 samples are enough for 0.9. */
	if (!h->n || !(q >= 0 && q < 1) ||
	    (1 - q) * (double)h->n < 10 - 1e-6)
		return NAN;
	for (uint32_t i = 0; i < h->size; i++) {
		double count = (double)h->counts[i];
		double low = (double)pm_hist_lower(h, i), high;

		if (!h->counts[i] || before + count < rank) {
			before += count;
			continue;
		}
		high = (double)pm_hist_lower(h, i + 1);
		return between((double)h->min,
			       low + (high - low) * (rank - before) / count,
			       (double)h->max);
	}
	return (double)h->max; /* it lies among those that are over */
}

double pm_hist_mean(const struct pm_hist *h)
{
	return h->n ? (double)h->sum / (double)h->n : NAN;
}

enum ipc_rc pm_hist_merge(struct pm_hist *into, const struct pm_hist *from)
{
	if (into->sub != from->sub || into->size != from->size)
		return IPC_INVALID;
	for (uint32_t i = 0; i < into->size; i++)
		into->counts[i] += from->counts[i];
	into->n += from->n;
	into->over += from->over;
	into->sum += from->sum;
	into->sumsq += from->sumsq;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
	return IPC_OK;
}
