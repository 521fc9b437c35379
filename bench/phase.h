#ifndef PM_PHASE_H
#define PM_PHASE_H
/*
 * One phase of a trial, warm-up or measuring, at one end: runs a hot loop in
 * chunks, and between two chunks looks at the clock, at what is left to do
 * and at the flag that asks to stop.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/heat.h"
#include "bench/loop.h"

/* Messages and bytes in each interval; preallocated. */
struct pm_series {
	uint64_t  interval_ticks; /* 0: no series */
	uint64_t *messages, *bytes;
	size_t    count, room;
	/* at the last boundary */
	uint64_t  next_ticks, seq, total_bytes;
};

struct pm_phase_plan {
	pm_loop          *plain, *timed; /* the same one: careful */
	uint64_t          time_ticks;    /* 0: until count, or the closing message */
	uint64_t          count;         /* 0: until time_ticks */
	uint64_t          timed_every;   /* 1 in N is timed; 0: none */
	uint64_t          timed_left;    /* messages until the next timed one */
	uint64_t          drain_every;   /* wait for the reader; 0: never */
	const atomic_bool *stop;
	struct pm_series *series;        /* may be NULL */
	struct pm_heat   *heat;          /* likewise */
	uint64_t          chunk;         /* kept from phase to phase; 0 at first */
	uint64_t          chunk_ticks;   /* aim: a chunk takes about so long */
	/* results */
	uint64_t          start_ticks, end_ticks;
	bool              stopped;
};

/* Send until the time or the count is reached; no closing message. */
enum ipc_rc pm_produce(struct pm_run *run, struct pm_phase_plan *plan);
/*
 * Receive until the closing message (or, from a foreign peer, the end).
 * start_ticks is the first receipt, end_ticks the last.
 */
enum ipc_rc pm_consume(struct pm_run *run, struct pm_phase_plan *plan);

/* The closing message, released to the kernel. */
enum ipc_rc pm_send_closing(struct pm_run *run);

enum ipc_rc pm_series_init(struct pm_series *s, uint64_t interval_ticks,
			   size_t room, struct ipc_err *err);
void pm_series_free(struct pm_series *s);
/* The phase begins now; what came until now belongs to the interval before. */
void pm_series_start(struct pm_series *s, const struct pm_run *run,
		     uint64_t now);
void pm_series_step(struct pm_series *s, const struct pm_run *run,
		    uint64_t now);
/*
 * True if the medians of the first and the last quarter of the intervals are
 * more than 10 % apart; needs 8 whole intervals.
 */
bool pm_series_unsteady(const struct pm_series *s);

#endif
