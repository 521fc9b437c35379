#include "bench/pace.h"

#include <math.h>

#include "bench/loop.h"

/*
 * How early a sleep is ended, and within what bounds that adapts.  The slice
 * is how long a request to stop may wait.
 */
#define MARGIN_LEAST_NS UINT64_C(20000)
#define MARGIN_MOST_NS  UINT64_C(4000000)
#define SLICE_NS        UINT64_C(50000000)

void pm_pace_start(struct pm_pace *p, uint64_t start_ticks,
		   uint64_t time_ticks)
{
	p->start = p->next = p->sent = p->ideal = start_ticks;
	p->end = time_ticks ? start_ticks + time_ticks : UINT64_MAX;
	p->step = p->clock->rate / p->rate;
	p->rest = p->clock->rate % p->rate;
	p->carry = 0;
	p->mean = (double)p->clock->rate / (double)p->rate;
	p->offset = 0;
	p->random = p->seed;
	p->waited = p->held = 0;
	p->over = false;
	if (!p->margin)
		p->margin = ipc_to_ticks(p->clock, MARGIN_LEAST_NS);
	pm_pace_step(p);
}

/* An exponential gap: a uniform number in (0, 1], 53 bits of it. */
static double draw_gap(struct pm_pace *p)
{
	double u = (double)((pm_random(&p->random) >> 11) + 1) * 0x1p-53;

	return -log(u) * p->mean;
}

void pm_pace_step(struct pm_pace *p)
{
	if (p->poisson) {
		p->offset += draw_gap(p);
		p->next = p->start + (uint64_t)p->offset;
		return;
	}
	p->next += p->step;
	p->carry += p->rest;
	if (p->carry >= p->rate) {
		p->carry -= p->rate;
		p->next++;
	}
}

/*
 * The margin follows the 94th percentile of how late sleeps end: up by a
 * quarter of what was missing, down by a 64th of what was too much.
 */
static void adapt(struct pm_pace *p, uint64_t late)
{
	uint64_t least = ipc_to_ticks(p->clock, MARGIN_LEAST_NS);
	uint64_t most = ipc_to_ticks(p->clock, MARGIN_MOST_NS);

	if (late > p->margin)
		p->margin += (late - p->margin) / 4;
	else
		p->margin -= (p->margin - late) / 64;
	p->margin = p->margin < least ? least
		    : p->margin > most ? most : p->margin;
}

/* Returns when it is over; much earlier if it was long. */
static uint64_t sleep_towards(struct pm_pace *p, uint64_t target, uint64_t now)
{
	uint64_t slice = ipc_to_ticks(p->clock, SLICE_NS);
	uint64_t until = target - p->margin;
	bool whole = until - now <= slice;

	if (!whole)
		until = now + slice;
	ipc_sleep_ns(ipc_ns(p->clock, until - now));
	now = ipc_ticks();
	if (whole)
		adapt(p, now > until ? now - until : 0);
	return now;
}

static uint64_t wait_for(struct pm_pace *p, uint64_t target, uint64_t now)
{
	p->margin -= p->margin / 1024; /* to try sleeping again some time */
	while (now < target &&
	       !atomic_load_explicit(p->stop, memory_order_relaxed)) {
		/* A sleep shorter than its own error is not worth it. */
		if (p->sleeps && target - now > p->margin * 2) {
			now = sleep_towards(p, target, now);
			continue;
		}
		now = ipc_ticks();
	}
	return now;
}

uint64_t pm_pace_wait(struct pm_pace *p, struct pm_run *run, uint64_t now)
{
	uint64_t from = now;

	uint64_t due = p->held_since + p->collect_ticks;

	if (p->held && p->collect_ticks && (due < p->next || due <= now)) {
		wait_for(p, due, now);
		p->held = 0;
		run->io->push(run->end); /* an error shows again */
		now = ipc_ticks();
	}
	now = wait_for(p, p->next, now);
	p->waited += now - from;
	return now;
}

/* As the engines do: a write when the next one would not fit any more. */
void pm_pace_gathered(struct pm_pace *p, uint64_t length)
{
	if (!p->held)
		p->held_since = p->sent;
	p->held += length;
	if (p->held + length > p->collect_bytes)
		p->held = 0;
}
