#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "bench/summary.h"
#include "tests/support/tap.h"

/* Which order statistics the interval takes, from samples 1, 2, ... n. */
static unsigned lower_rank(unsigned n)
{
	double *v = malloc((n + 1) * sizeof(*v));
	struct pm_estimate e;

	for (unsigned i = 0; i < n; i++)
		v[i] = n - i; /* it sorts */
	e = pm_estimate(v, n);
	free(v);
	if (isnan(e.lo))
		return isnan(e.hi) ? 0 : 999;
	return e.hi == n + 1 - e.lo ? (unsigned)e.lo : 999;
}

/* Tabulated: the sign test's critical values, two-sided 5 %. */
static bool ranks_are_those_of_the_tables(void)
{
	static const unsigned table[][2] = {
		{ 0, 0 },   { 1, 0 },	{ 5, 0 },   { 6, 1 },	{ 7, 1 },
		{ 8, 1 },   { 9, 2 },	{ 10, 2 },  { 11, 2 },	{ 12, 3 },
		{ 15, 4 },  { 17, 5 },	{ 20, 6 },  { 25, 8 },	{ 30, 10 },
		{ 40, 14 }, { 50, 18 }, { 100, 40 }
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		CHECK_EQ(lower_rank(table[i][0]), table[i][1]);
	CHECK(lower_rank(5000) > 2400 && lower_rank(5000) < 2500);
	return true;
}

static bool median_and_range(void)
{
	double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 }, one[] = { 7 };
	double six[] = { 6, 5, 40, 3, 2, 1 };
	struct pm_estimate e = pm_estimate(odd, 3);

	CHECK(e.k == 3 && e.median == 3 && e.min == 1 && e.max == 5);
	CHECK(isnan(e.lo) && isnan(e.hi));
	CHECK(pm_estimate(even, 4).median == 2.5);
	CHECK(pm_estimate(one, 1).median == 7);
	e = pm_estimate(six, 6);
	CHECK(e.lo == 1 && e.hi == 40 && e.median == 4);
	e = pm_estimate(NULL, 0);
	CHECK(e.k == 0 && isnan(e.median) && isnan(e.min) && isnan(e.lo));
	return true;
}

/* The interval's promise, tried out: 4000 families of 11 skewed samples. */
static bool it_covers_the_true_median(void)
{
	uint64_t state = 88172645463325252u;
	unsigned covered = 0;

	for (unsigned i = 0; i < 4000; i++) {
		struct pm_estimate e;
		double v[11];

		for (unsigned k = 0; k < 11; k++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			v[k] = exp((double)(state >> 11) / 9007199254740992.0);
		}
		e = pm_estimate(v, 11);
		covered += e.lo <= exp(0.5) && exp(0.5) <= e.hi;
	}
	tap_note("covered in %u of 4000", covered);
	CHECK(covered >= 3800 && covered < 3990);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(ranks_are_those_of_the_tables);
	TEST(median_and_range);
	TEST(it_covers_the_true_median);
	return tap_done();
}
