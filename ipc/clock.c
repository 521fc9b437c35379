#include "ipc/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A rate above this one would overflow ipc_to_ticks. */
#define RATE_MAX UINT64_C(18000000000)
#define CALIBRATE_NS UINT64_C(30000000)

#if defined(__x86_64__) || defined(__i386__)
static uint64_t tsc_ticks(void)
{
	return __builtin_ia32_rdtsc();
}
#define HAVE_TSC 1
#else
#define tsc_ticks ipc_clock_system_ticks /* never chosen */
#define HAVE_TSC 0
#endif

/* The one choice a process makes; set by measure or adopt, then constant. */
static uint64_t (*source)(void) = ipc_clock_system_ticks;

uint64_t ipc_ticks(void)
{
	return source();
}

/*
 * A difference of 18 minutes is 1.08e12 ns, just under 2^40; 24 bits of shift
 * are left of 64, and leave a relative error of at most 2^-20.8 at RATE_MAX.
 */
void ipc_clock_scale(struct ipc_clock *clock)
{
	uint64_t rate = clock->rate, mult;
	uint32_t shift = 24;

	for (;; shift--) {
		mult = ((UINT64_C(1000000000) << shift) + rate / 2) / rate;
		if (mult <= UINT32_MAX || !shift)
			break;
	}
	clock->mult = (uint32_t)mult;
	clock->shift = shift;
}

struct instant {
	uint64_t system, tsc;
};

/* Both clocks at one moment: of several tries the one with least between. */
static struct instant both_clocks(void)
{
	struct instant best = { 0, 0 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 32; i++) {
		uint64_t before = tsc_ticks();
		uint64_t system = ipc_clock_system_ticks();
		uint64_t gap = tsc_ticks() - before;

		if (gap < least) {
			least = gap;
			best.system = system;
			best.tsc = before + gap / 2;
		}
	}
	return best;
}

static uint64_t tsc_rate(void)
{
	struct instant from = both_clocks(), to;
	double seconds;

	ipc_sleep_ns(CALIBRATE_NS);
	to = both_clocks();
	seconds = (double)(to.system - from.system) /
		  (double)ipc_clock_system_rate();
	return (uint64_t)((double)(to.tsc - from.tsc) / seconds + 0.5);
}

/* The least of several rounds: what a read costs when nothing disturbs it. */
static double read_cost_ns(const struct ipc_clock *clock)
{
	enum { ROUNDS = 16, READS = 256 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t from = ipc_ticks(), to = from;

		for (int k = 0; k < READS; k++)
			to = ipc_ticks();
		if (to - from < least)
			least = to - from;
	}
	return (double)least * 1e9 / (double)clock->rate / READS;
}

static uint64_t smallest_step_ps(const struct ipc_clock *clock)
{
	uint64_t least = UINT64_MAX, last = ipc_ticks();

	/* 20000 reads: a source that steps every 100 ns moves many times */
	for (int i = 0; i < 20000; i++) {
		uint64_t now = ipc_ticks();

		if (now != last && now - last < least)
			least = now - last;
		last = now;
	}
	if (least == UINT64_MAX)
		return 0;
	return (uint64_t)((double)least * 1e12 / (double)clock->rate + 0.5);
}

static enum ipc_rc use(const char *name, struct ipc_err *err)
{
	if (HAVE_TSC && strcmp(name, "tsc") == 0)
		source = tsc_ticks;
	else if (strcmp(name, ipc_clock_system_name()) == 0)
		source = ipc_clock_system_ticks;
	else
		return ipc_refusef(err, IPC_INVALID, "clock",
				   "no source is called %s here", name);
	return IPC_OK;
}

enum ipc_rc ipc_clock_measure(struct ipc_clock *clock, struct ipc_err *err)
{
	int tsc = HAVE_TSC && ipc_clock_tsc_is_sound();

	memset(clock, 0, sizeof(*clock));
	snprintf(clock->source, sizeof(clock->source), "%s",
		 tsc ? "tsc" : ipc_clock_system_name());
	clock->rate = tsc ? tsc_rate() : ipc_clock_system_rate();
	if (!clock->rate || clock->rate > RATE_MAX)
		return ipc_refusef(err, IPC_UNSUPPORTED, "clock",
				   "%s runs at %" PRIu64 " ticks a second",
				   clock->source, clock->rate);
	ipc_clock_scale(clock);
	if (use(clock->source, err))
		return IPC_INVALID;
	clock->read_ns = read_cost_ns(clock);
	clock->resolution_ns_x1000 = smallest_step_ps(clock);
	return IPC_OK;
}

const char *ipc_clock_print(const struct ipc_clock *clock,
			    char buf[IPC_CLOCK_TEXT_MAX])
{
	snprintf(buf, IPC_CLOCK_TEXT_MAX,
		 "%s,%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%.3f,%" PRIu64,
		 clock->source, clock->rate, clock->mult, clock->shift,
		 clock->read_ns, clock->resolution_ns_x1000);
	return buf;
}

enum ipc_rc ipc_clock_adopt(const char *text, struct ipc_clock *clock,
			    struct ipc_err *err)
{
	struct ipc_clock got = { .rate = 0 }, again;
	int used = 0;

	if (sscanf(text, "%23[a-z_],%" SCNu64 ",%" SCNu32 ",%" SCNu32
			 ",%lf,%" SCNu64 "%n",
		   got.source, &got.rate, &got.mult, &got.shift, &got.read_ns,
		   &got.resolution_ns_x1000, &used) != 6 ||
	    text[used] || !got.rate || got.rate > RATE_MAX)
		return ipc_refusef(err, IPC_INVALID, "clock",
				   "%.80s describes no clock", text);
	again = got;
	ipc_clock_scale(&again);
	if (again.mult != got.mult || again.shift != got.shift)
		return ipc_refusef(err, IPC_INVALID, "clock",
				   "%.80s contradicts itself", text);
	if (use(got.source, err))
		return IPC_INVALID;
	*clock = got;
	return IPC_OK;
}

uint64_t ipc_in_ns(uint64_t ns)
{
	uint64_t now = ipc_now_ns();

	return ns > UINT64_MAX - now ? UINT64_MAX : now + ns;
}
