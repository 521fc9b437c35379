#include "bench/canary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/duo.h"
#include "ipc/gap.h"
#include "ipc/sys.h"

enum { BURSTS = 31, READS = 200, COPIES = 4, WAKES = 64, SIZE = 65536 };
enum { CPUS_MAX = 1024, WATCHED = 2, WATCH_NS = 10000000 };

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double median(uint64_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return (double)values[count / 2];
}

static double clock_read(const struct ipc_clock *clock)
{
	uint64_t bursts[BURSTS];

	for (int i = 0; i < BURSTS; i++) {
		uint64_t start = ipc_ticks();

		for (int k = 1; k < READS; k++)
			ipc_ticks();
		/* in ps, so that a fraction of a ns is not lost */
		bursts[i] = ipc_ns(clock, (ipc_ticks() - start) * 1000);
	}
	return median(bursts, BURSTS) / 1000 / READS;
}

static double copy(const struct ipc_clock *clock)
{
	static unsigned char from[SIZE], to[SIZE];
	uint64_t bursts[BURSTS];

	memset(from, 1, sizeof(from));
	for (int i = 0; i < BURSTS; i++) {
		uint64_t start = ipc_ticks();

		for (int k = 0; k < COPIES; k++) {
			memcpy(to, from, sizeof(to));
			from[k] = to[SIZE - 1 - k]; /* keeps every copy */
		}
		bursts[i] = ipc_ns(clock, ipc_ticks() - start);
	}
	return median(bursts, BURSTS) / COPIES;
}

/* The CPUs that cells without a placement of their own run on. */
static size_t watched(unsigned cpus[CPUS_MAX])
{
	size_t count = ipc_cpus(cpus, CPUS_MAX);

	return count < WATCHED ? count : WATCHED;
}

static double wake(void)
{
	unsigned cpus[CPUS_MAX];
	size_t count = watched(cpus);
	uint64_t wakes[WAKES];

	if (!count)
		return (double)NAN;
	if (count < 2)
		cpus[1] = cpus[0];
	if (ipc_wake_play(cpus, WAKES, wakes, NULL))
		return (double)NAN;
	return median(wakes, WAKES);
}

static double bounce(void)
{
	unsigned cpus[CPUS_MAX];
	double ns;

	if (watched(cpus) < 2 || ipc_bounce_play(cpus, &ns, NULL))
		return (double)NAN;
	return ns;
}

static double lost(void)
{
	unsigned cpus[CPUS_MAX];
	size_t count = watched(cpus);
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t lost_ns;

		if (ipc_gap_meter(cpus[i], WATCH_NS, &lost_ns, NULL))
			return (double)NAN;
		sum += lost_ns < WATCH_NS ? (double)lost_ns / WATCH_NS : 1;
	}
	return count ? sum / (double)count : (double)NAN;
}

void pm_canary_sing(const struct ipc_clock *clock, struct pm_canary *canary)
{
	canary->clock_read_ns = clock_read(clock);
	canary->memcpy64k_ns = copy(clock);
	canary->wake_ns = wake();
	canary->bounce_ns = bounce();
	canary->lost_share = lost();
}
