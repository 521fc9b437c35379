#include <math.h>

#include "bench/canary.h"
#include "ipc/duo.h"
#include "ipc/gap.h"
#include "ipc/sys.h"
#include "tests/support/tap.h"

static bool every_member_is_a_number(void)
{
	struct pm_canary canary;
	struct ipc_clock clock;
	struct ipc_err err;

	CHECK(!ipc_clock_measure(&clock, &err));
	pm_canary_sing(&clock, &canary);
	CHECK(canary.clock_read_ns > 0 && canary.clock_read_ns < 1e5);
	CHECK(canary.memcpy64k_ns > 0 && canary.memcpy64k_ns < 1e8);
	CHECK(canary.wake_ns > 0 && canary.wake_ns < 1e9);
	CHECK(!(canary.bounce_ns <= 0) && !(canary.bounce_ns > 1e8));
	CHECK(canary.lost_share >= 0 && canary.lost_share <= 1);
	return true;
}

static bool the_caller_keeps_its_cpus(void)
{
	unsigned before[1024], after[1024];
	size_t count = ipc_cpus(before, 1024);
	struct ipc_err err;
	uint64_t lost_ns;

	CHECK(count && !ipc_gap_meter(before[0], 1000000, &lost_ns, &err));
	CHECK_EQ(ipc_cpus(after, 1024), count);
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(after[i], before[i]);
	return true;
}

static bool no_such_cpu(void)
{
	struct ipc_err err;
	uint64_t lost_ns;

	CHECK(ipc_gap_meter(1000000, 1000, &lost_ns, &err) != IPC_OK);
	CHECK(err.rc != IPC_OK);
	CHECK(ipc_gap_meter(1000000, 1000, &lost_ns, NULL) != IPC_OK);
	return true;
}

static void count(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
}

static bool both_of_a_duo_play_once(void)
{
	atomic_int runs = 0;
	struct ipc_player players[2] = {
		{ .body = count, .arg = &runs, .cpu = 0 },
		{ .body = count, .arg = &runs, .cpu = 1000000 },
	};
	struct ipc_err err;

	CHECK(!ipc_duo(players, &err));
	CHECK_EQ(atomic_load(&runs), 2);
	return true;
}

/* Two that spin on one CPU wait for each other, but not for ever. */
static bool a_bounce_on_one_cpu_ends(void)
{
	unsigned cpus[1024], same[2];
	struct ipc_err err;
	enum ipc_rc rc;
	double ns = 0;

	CHECK(ipc_cpus(cpus, 1024));
	same[0] = same[1] = cpus[0];
	rc = ipc_bounce_play(same, &ns, &err);
	CHECK(rc == IPC_TIMEOUT || (!rc && ns > 0));
	return true;
}

int main(void)
{
	tap_start(120);
	TEST(every_member_is_a_number);
	TEST(the_caller_keeps_its_cpus);
	TEST(no_such_cpu);
	TEST(both_of_a_duo_play_once);
	TEST(a_bounce_on_one_cpu_ends);
	return tap_done();
}
