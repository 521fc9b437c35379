/* Rates of a sweep, its knee, and the highest rate below a bound. */
#include "bench/sweep.h"

#include <math.h>
#include <string.h>

#include "tests/support/tap.h"

static char text[PM_SWEEP_TEXT_MAX];
static struct ipc_err err;

static bool a_range_is_half_octaves(void)
{
	CHECK(!pm_sweep_rates("1K..10K", text, &err));
	CHECK(!strcmp(text, "1000,1400,2000,2800,4000,5700,8000,10000"));
	CHECK(!pm_sweep_rates("1..8", text, &err));
	CHECK(!strcmp(text, "1,2,3,4,6,8"));
	CHECK(!pm_sweep_rates("12345..12400", text, &err));
	CHECK(!strcmp(text, "12345,12400"));
	CHECK(!pm_sweep_rates("5K,7,1M", text, &err));
	CHECK(!strcmp(text, "5K,7,1M"));
	return true;
}

static bool what_is_no_range_is_refused(void)
{
	CHECK(pm_sweep_rates("10K..1K", text, &err) == IPC_INVALID);
	CHECK(pm_sweep_rates("0..1K", text, &err) == IPC_INVALID);
	CHECK(pm_sweep_rates("x..1K", text, &err) == IPC_INVALID);
	CHECK(pm_sweep_rates("1..", text, &err) == IPC_INVALID);
	CHECK(!pm_sweep_rates("1..10M", text, &err)); /* 47 rates */
	return true;
}

static struct pm_row rows[6];
static struct pm_sweep sweep;

/* p50 and p99 in us; 0: too few messages. */
static void rate(double p50, double p99, unsigned warnings)
{
	struct pm_row *row = &rows[sweep.count];

	*row = (struct pm_row){ .good = 6, .mostly = warnings,
				.warnings = warnings };
	row->second = p50 > 0 ? p50 * 1e3 : NAN;
	row->speed.median = p99 > 0 ? p99 * 1e3 : NAN;
	sweep.rows[sweep.count++] = row;
}

static bool the_knee_is_where_the_median_leaves_the_ground(void)
{
	sweep.count = 0;
	rate(20, 50, 0);
	rate(12, 60, 0);
	rate(30, 900, 0);
	rate(40, 2000, 0);
	rate(12, 50, 0);
	CHECK(pm_sweep_knee(&sweep) == &rows[2]);
	CHECK(pm_sweep_best(&sweep, 1e6) == &rows[2]);
	CHECK(pm_sweep_best(&sweep, 55e3) == &rows[0]);
	CHECK(!pm_sweep_best(&sweep, 10e3));
	return true;
}

/* A healthy-looking figure of a missed target is none. */
static bool a_missed_rate_is_beyond_the_knee(void)
{
	sweep.count = 0;
	rate(20, 50, 0);
	rate(20, 50, PM_WARN_MISSED);
	rate(20, 50, 0);
	CHECK(pm_sweep_knee(&sweep) == &rows[0]);
	CHECK(pm_sweep_best(&sweep, 1e6) == &rows[0]);
	return true;
}

static bool too_few_messages_are_passed_over(void)
{
	sweep.count = 0;
	rate(0, 0, 0);
	CHECK(!pm_sweep_knee(&sweep) && !pm_sweep_best(&sweep, 1e6));
	rate(20, 50, 0);
	CHECK(pm_sweep_knee(&sweep) == &rows[1]);
	CHECK(pm_sweep_best(&sweep, 1e6) == &rows[1]);
	return true;
}

/* What a late pacer ended says nothing of the pipe. */
static bool a_late_pacer_proves_no_limit(void)
{
	sweep.count = 0;
	rate(20, 50, 0);
	rate(20, 5000, PM_WARN_VOID);
	rate(90, 9000, PM_WARN_MISSED);
	CHECK(pm_sweep_doubt(&sweep, &rows[0]) == &rows[1]);
	CHECK(!pm_sweep_doubt(&sweep, &rows[1]));
	CHECK(!pm_sweep_doubt(&sweep, &rows[2]));
	CHECK(!pm_sweep_doubt(&sweep, NULL));
	rows[0].mostly = PM_WARN_VOID;
	CHECK(pm_sweep_doubt(&sweep, NULL) == &rows[0]);
	return true;
}

int main(void)
{
	TEST(a_range_is_half_octaves);
	TEST(a_late_pacer_proves_no_limit);
	TEST(what_is_no_range_is_refused);
	TEST(the_knee_is_where_the_median_leaves_the_ground);
	TEST(a_missed_rate_is_beyond_the_knee);
	TEST(too_few_messages_are_passed_over);
	return tap_done();
}
