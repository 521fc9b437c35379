#include "ipc/clock.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/tap.h"

static const uint64_t rates[] = {
	1000, 1000000, 10000000, 24000000, 999999937, 1000000000, 2000000000,
	2596122137, 5800000000, 17999999999
};
enum { RATES = sizeof(rates) / sizeof(rates[0]) };

/* Right to 1e-6 over 18 minutes, and nothing overflows on the way. */
static bool scales(void)
{
	for (size_t i = 0; i < RATES; i++) {
		struct ipc_clock c = { .rate = rates[i] };
		uint64_t ticks = rates[i] * 60 * 18;
		double exact = 18 * 60 * 1e9, is;

		ipc_clock_scale(&c);
		is = (double)ipc_ns(&c, ticks);
		CHECK(is > exact * (1 - 1e-6) && is < exact * (1 + 1e-6));
		is = (double)ipc_ns(&c, rates[i]);
		CHECK(is > 1e9 * (1 - 1e-6) - 1 && is < 1e9 * (1 + 1e-6) + 1);
		CHECK_EQ(ipc_ns(&c, 0), 0);
	}
	return true;
}

static bool to_ticks_divides_first(void)
{
	for (size_t i = 0; i < RATES; i++) {
		struct ipc_clock c = { .rate = rates[i] };
		uint64_t month_s = 30 * 86400;

		CHECK_EQ(ipc_to_ticks(&c, month_s * 1000000000u),
			 month_s * rates[i]);
		CHECK_EQ(ipc_to_ticks(&c, 1000000000u), rates[i]);
		CHECK_EQ(ipc_to_ticks(&c, 0), 0);
	}
	return true;
}

static bool measures(void)
{
	struct ipc_clock c, again;
	char text[IPC_CLOCK_TEXT_MAX], second[IPC_CLOCK_TEXT_MAX];
	struct ipc_err err;

	CHECK_EQ(ipc_clock_measure(&c, &err), IPC_OK);
	CHECK(c.rate > 1000000 && c.rate <= UINT64_C(18000000000));
	CHECK(c.read_ns > 0 && c.resolution_ns_x1000 > 0);
	ipc_clock_print(&c, text);
	tap_note("%s", text);
	CHECK_EQ(ipc_clock_adopt(text, &again, &err), IPC_OK);
	CHECK(strcmp(ipc_clock_print(&again, second), text) == 0);
	CHECK(again.rate == c.rate && again.mult == c.mult &&
	      again.shift == c.shift);
	return true;
}

/* Against the system's clock, over a wait; the reads nest. */
static bool agrees_with_the_system(void)
{
	struct ipc_clock c;
	struct ipc_err err;
	uint64_t a, b, ns_a, ns_b, inner, outer;

	CHECK_EQ(ipc_clock_measure(&c, &err), IPC_OK);
	ns_a = ipc_now_ns();
	a = ipc_ticks();
	ipc_sleep_ns(20000000);
	b = ipc_ticks();
	ns_b = ipc_now_ns();
	inner = ipc_ns(&c, b - a);
	outer = ns_b - ns_a;
	CHECK(inner >= 20000000 * 0.999);
	CHECK(inner <= outer + outer / 1000 + 1000);
	return true;
}

static bool never_goes_back(void)
{
	uint64_t last = ipc_ticks(), now;

	for (int i = 0; i < 100000; i++) {
		now = ipc_ticks();
		CHECK(now >= last);
		last = now;
	}
	return true;
}

static bool refuses_nonsense(void)
{
	static const char *const bad[] = {
		"", "tsc", "tsc,0,1,1,1.0,1", "sundial,1000000000,16777216,24,1,1",
		"tsc,2000000000,1,24,20.0,500", "tsc,2e9,8388608,24,20.0,500",
		"tsc,99000000000,1,24,20.0,500",
		"clock_monotonic,1000000000,16777216,24,30.0,1000x",
	};
	struct ipc_clock c;
	struct ipc_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQ(ipc_clock_adopt(bad[i], &c, &err), IPC_INVALID);
		CHECK_EQ(err.rc, IPC_INVALID);
	}
	return true;
}

static bool adopts_the_system_clock(void)
{
	struct ipc_clock c = { .rate = ipc_clock_system_rate() }, again;
	char text[IPC_CLOCK_TEXT_MAX];
	struct ipc_err err;
	uint64_t before;

	snprintf(c.source, sizeof(c.source), "%s", ipc_clock_system_name());
	ipc_clock_scale(&c);
	ipc_clock_print(&c, text);
	CHECK_EQ(ipc_clock_adopt(text, &again, &err), IPC_OK);
	before = ipc_clock_system_ticks();
	CHECK(ipc_ticks() - before < c.rate);
	return true;
}

static bool wall_is_of_this_century(void)
{
	CHECK(ipc_wall_ns() > UINT64_C(1600000000) * 1000000000u);
	return true;
}

int main(void)
{
	tap_start(120);
	TEST(scales);
	TEST(to_ticks_divides_first);
	TEST(never_goes_back);
	TEST(measures);
	TEST(agrees_with_the_system);
	TEST(refuses_nonsense);
	TEST(adopts_the_system_clock);
	TEST(wall_is_of_this_century);
	return tap_done();
}
