/* A distribution over time: every value once, in bounded memory. */
#include "bench/heat.h"

#include "tests/support/tap.h"

static struct pm_hist hist;
static struct pm_heat heat;

static uint64_t sum_of(unsigned row)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PM_HEAT_COLUMNS; i++)
		sum += heat.counts[row][i];
	return sum;
}

static bool start(uint64_t interval_ticks)
{
	struct ipc_err err;

	pm_heat_free(&heat);
	pm_hist_reset(&hist);
	if (pm_heat_init(&heat, &hist, interval_ticks, interval_ticks, &err))
		return false;
	pm_heat_start(&heat, 0);
	return true;
}

static bool a_row_is_what_its_interval_added(void)
{
	CHECK(start(100));
	pm_hist_record(&hist, 5);
	pm_hist_record(&hist, 1000);
	pm_heat_step(&heat, 99);
	CHECK_EQ(heat.rows, 0);
	pm_heat_step(&heat, 100);
	CHECK_EQ(heat.rows, 1);
	CHECK_EQ(sum_of(0), 2);
	CHECK_EQ(heat.counts[0][5], 1);
	/* 1000 is 15 * 64 + 40: octave 6, from 960 on. */
	CHECK_EQ(heat.counts[0][15 + 6 * 8], 1);
	pm_hist_record(&hist, 1000);
	pm_heat_step(&heat, 350); /* two whole intervals, the second empty */
	CHECK_EQ(heat.rows, 3);
	CHECK_EQ(sum_of(1), 1);
	CHECK_EQ(sum_of(2), 0);
	pm_hist_record(&hist, 7);
	pm_heat_end(&heat);
	CHECK_EQ(heat.rows, 4);
	CHECK_EQ(sum_of(3), 1);
	return true;
}

static bool every_value_has_a_column(void)
{
	CHECK(start(100));
	for (unsigned bit = 0; bit < 40; bit++) {
		pm_hist_record(&hist, UINT64_C(1) << bit);
		pm_hist_record(&hist, (UINT64_C(2) << bit) - 1);
	}
	pm_heat_end(&heat);
	CHECK_EQ(sum_of(0), 80);
	pm_hist_record(&hist, UINT64_C(1) << 40); /* over: in no column */
	pm_heat_end(&heat);
	CHECK_EQ(sum_of(1), 0);
	return true;
}

static bool rows_that_do_not_fit_are_folded(void)
{
	uint64_t all = 0, n = 5 * PM_HEAT_ROWS;

	CHECK(start(100));
	for (uint64_t i = 1; i <= n; i++) {
		pm_hist_record(&hist, i);
		pm_heat_step(&heat, i * 100);
	}
	pm_heat_end(&heat);
	CHECK(heat.rows <= PM_HEAT_ROWS);
	CHECK_EQ(heat.interval_ns, 800);
	CHECK_EQ(heat.interval_ticks, 800);
	for (unsigned row = 0; row < heat.rows; row++)
		all += sum_of(row);
	CHECK_EQ(all, n);
	CHECK_EQ(sum_of(0), 8);
	return true;
}

static bool without_an_interval_there_is_none(void)
{
	CHECK(start(0));
	pm_heat_step(&heat, 1000);
	pm_heat_end(&heat);
	CHECK_EQ(heat.rows, 0);
	pm_heat_step(NULL, 1000);
	return true;
}

int main(void)
{
	struct ipc_err err;

	if (pm_hist_init(&hist, 2, &err))
		return 1;
	TEST(a_row_is_what_its_interval_added);
	TEST(every_value_has_a_column);
	TEST(rows_that_do_not_fit_are_folded);
	TEST(without_an_interval_there_is_none);
	pm_heat_free(&heat);
	pm_hist_free(&hist);
	return tap_done();
}
