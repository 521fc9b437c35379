#include "bench/hist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) /* xorshift64: the same in every run */
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* HdrHistogram's counts index from its definition, by searching. */
static uint64_t hdr_index(unsigned digits, uint64_t value)
{
	uint64_t single_unit = 2, half, base;
	unsigned magnitude = 0, bucket = 0;

	while (digits--)
		single_unit *= 10;
	while ((1ull << magnitude) < single_unit)
		magnitude++;
	half = 1ull << (magnitude - 1);
	while ((value >> bucket) >> magnitude)
		bucket++;
	base = (bucket + 1ull) << (magnitude - 1);
	return base + (value >> bucket) - half;
}

static bool edges_are_exact(struct pm_hist *h)
{
	for (uint32_t i = 0; i < h->size; i++) {
		uint64_t low = pm_hist_lower(h, i);
		uint64_t next = pm_hist_lower(h, i + 1);

		CHECK(next > low);
		CHECK_EQ(pm_hist_index(h, low), i);
		CHECK_EQ(pm_hist_index(h, next - 1), i);
		/* relative width: at most one in 2^sub */
		CHECK(low == 0 || next - low == 1 ||
		      (next - low) << h->sub <= low);
	}
	CHECK_EQ(pm_hist_lower(h, h->size), 1ll << 40);
	return true;
}

static bool every_bucket_has_its_edges(void)
{
	for (unsigned digits = 2; digits <= 3; digits++) {
		struct pm_hist h;

		CHECK(!pm_hist_init(&h, digits, NULL));
		CHECK(edges_are_exact(&h));
		pm_hist_free(&h);
	}
	return true;
}

static bool index_is_that_of_hdrhistogram(void)
{
	for (unsigned digits = 2; digits <= 3; digits++) {
		struct pm_hist h;

		CHECK(!pm_hist_init(&h, digits, NULL));
		for (uint64_t v = 0; v < 100000; v++)
			CHECK_EQ(pm_hist_index(&h, v), hdr_index(digits, v));
		for (unsigned i = 0; i < 100000; i++) {
			uint64_t v = next_random() >> (24 + i % 40);

			CHECK_EQ(pm_hist_index(&h, v), hdr_index(digits, v));
		}
		pm_hist_free(&h);
	}
	return true;
}

static bool sizes_are_as_promised(void)
{
	struct pm_hist h;
	struct ipc_err err;

	CHECK(!pm_hist_init(&h, 2, NULL));
	CHECK_EQ(h.sub, 7);
	CHECK_EQ(h.size, 4352);
	pm_hist_free(&h);
	CHECK(!pm_hist_init(&h, 3, NULL));
	CHECK_EQ(h.sub, 10);
	CHECK_EQ(h.size, 31744);
	pm_hist_free(&h);
	CHECK_EQ(pm_hist_init(&h, 4, &err), IPC_INVALID);
	pm_hist_free(&h);
	return true;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Within the width of the bucket that holds the sample of that rank. */
static bool quantiles_fit(const struct pm_hist *h, const uint64_t *sorted,
			  size_t n)
{
	static const double qs[] = { 0, .01, .25, .5, .9, .99, .999 };

	for (size_t i = 0; i < sizeof(qs) / sizeof(*qs); i++) {
		size_t rank = (size_t)ceil(qs[i] * (double)n);
		uint64_t exact = sorted[rank ? rank - 1 : 0];
		uint32_t bucket = pm_hist_index(h, exact);
		double got = pm_hist_quantile(h, qs[i]);

		if (!(got >= (double)pm_hist_lower(h, bucket) &&
		      got <= (double)pm_hist_lower(h, bucket + 1))) {
			tap_note("q %g: %.3f, sample %llu", qs[i], got,
				 (unsigned long long)exact);
			return false;
		}
		CHECK(got >= (double)sorted[0] && got <= (double)sorted[n - 1]);
	}
	return true;
}

static bool quantiles_agree_with_sorted_samples(void)
{
	enum { N = 20000 };
	uint64_t *samples = malloc(N * sizeof(*samples));
	struct pm_hist h;

	CHECK(samples);
	for (unsigned round = 0; round < 8; round++) {
		CHECK(!pm_hist_init(&h, 2 + round % 2, NULL));
		for (size_t i = 0; i < N; i++) {
			samples[i] = next_random() >> (26 + 4 * (round / 2));
			if (i % 3) /* two modes */
				samples[i] >>= 9;
			pm_hist_record(&h, samples[i]);
		}
		qsort(samples, N, sizeof(*samples), by_value);
		CHECK(quantiles_fit(&h, samples, N));
		CHECK_EQ(h.min, samples[0]);
		CHECK_EQ(h.max, samples[N - 1]);
		pm_hist_free(&h);
	}
	free(samples);
	return true;
}

static bool interpolates_inside_a_bucket(void)
{
	struct pm_hist h;

	CHECK(!pm_hist_init(&h, 2, NULL));
	/* one bucket, 1024..1031, and 100 samples from 1024 to 1031 */
	for (uint64_t i = 0; i < 100; i++)
		pm_hist_record(&h, 1024 + i * 7 / 99);
	CHECK(pm_hist_quantile(&h, .5) == 1028);
	CHECK(pm_hist_quantile(&h, .25) == 1026);
	CHECK(pm_hist_quantile(&h, 0) == 1024);
	pm_hist_free(&h);
	return true;
}

static bool too_few_samples_say_nothing(void)
{
	static const struct {
		double q;
		unsigned need;
	} rows[] = { { .5, 20 }, { .9, 100 }, { .99, 1000 }, { .999, 10000 } };
	struct pm_hist h;

	CHECK(!pm_hist_init(&h, 2, NULL));
	CHECK(isnan(pm_hist_mean(&h)) && isnan(pm_hist_quantile(&h, .5)));
	for (size_t i = 0; i < 4; i++) {
		while (h.n < rows[i].need - 1)
			pm_hist_record(&h, 5);
		CHECK(isnan(pm_hist_quantile(&h, rows[i].q)));
		pm_hist_record(&h, 5);
		CHECK(pm_hist_quantile(&h, rows[i].q) == 5);
	}
	CHECK(isnan(pm_hist_quantile(&h, 1)));
	pm_hist_free(&h);
	return true;
}

static bool what_is_over_is_counted(void)
{
	const uint64_t limit = 1ull << 40;
	struct pm_hist h;

	CHECK(!pm_hist_init(&h, 2, NULL));
	pm_hist_record(&h, limit - 1);
	CHECK_EQ(h.over, 0);
	for (unsigned i = 0; i < 99; i++)
		pm_hist_record(&h, limit + i);
	CHECK_EQ(h.over, 99);
	CHECK_EQ(h.n, 100);
	CHECK(pm_hist_quantile(&h, .9) == (double)(limit + 98));
	CHECK_EQ(h.max, limit + 98);
	pm_hist_free(&h);
	return true;
}

static bool merging_is_addition(void)
{
	struct pm_hist a, b, both, other;

	CHECK(!pm_hist_init(&a, 2, NULL) && !pm_hist_init(&b, 2, NULL));
	CHECK(!pm_hist_init(&both, 2, NULL) && !pm_hist_init(&other, 3, NULL));
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t v = next_random() >> (20 + i % 30);

		pm_hist_record(i % 3 ? &a : &b, v);
		pm_hist_record(&both, v);
	}
	CHECK(!pm_hist_merge(&a, &b));
	CHECK(!memcmp(a.counts, both.counts, a.size * sizeof(*a.counts)));
	CHECK_EQ(a.n, both.n);
	CHECK_EQ(a.over, both.over);
	CHECK_EQ(a.sum, both.sum);
	CHECK_EQ(a.min, both.min);
	CHECK_EQ(a.max, both.max);
	CHECK(fabs(a.sumsq / both.sumsq - 1) < 1e-12);
	CHECK_EQ(pm_hist_merge(&a, &other), IPC_INVALID);
	pm_hist_reset(&a);
	CHECK(!pm_hist_merge(&b, &a)); /* an empty one changes nothing */
	CHECK(b.min != UINT64_MAX && a.min == UINT64_MAX && !a.n && !a.over);
	pm_hist_free(&a);
	pm_hist_free(&b);
	pm_hist_free(&both);
	pm_hist_free(&other);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(sizes_are_as_promised);
	TEST(every_bucket_has_its_edges);
	TEST(index_is_that_of_hdrhistogram);
	TEST(quantiles_agree_with_sorted_samples);
	TEST(interpolates_inside_a_bucket);
	TEST(too_few_samples_say_nothing);
	TEST(what_is_over_is_counted);
	TEST(merging_is_addition);
	return tap_done();
}
