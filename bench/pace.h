#ifndef PM_PACE_H
#define PM_PACE_H
/*
 * The pacer of the paced workload: when each message has to be sent.  The
 * planned times come from the rate, the arrival and the seed alone; nothing
 * that happens on the pipe moves one of them, so that a slow pipe cannot omit
 * the very messages that would have shown it.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/clock.h"

struct pm_run;

struct pm_pace {
	/* the plan */
	uint64_t                rate; /* a second, > 0 */
	uint64_t                seed;
	bool                    poisson, sleeps;
	const struct ipc_clock *clock;
	const atomic_bool      *stop;
	uint64_t                collect_bytes;   /* 0: nothing is gathered */
	uint64_t                collect_ticks;   /* 0: for as long as it takes */
	/* where it stands */
	uint64_t                start, end;      /* of the phase; end: first
						  * time no more planned for */
	uint64_t                next;            /* planned, not sent yet */
	uint64_t                step, rest, carry;
	double                  mean, offset;    /* poisson, in ticks */
	uint64_t                random;
	uint64_t                sent;            /* the last one, when */
	uint64_t                ideal;           /* ..., by a pacer never late */
	uint64_t                margin;          /* woken so long before */
	uint64_t                waited;          /* ticks, in this phase */
	uint64_t                held, held_since; /* gathered bytes */
	bool                    over;            /* nothing left to plan */
};

/* A phase begins: the same seed gives the same plan again. */
void pm_pace_start(struct pm_pace *p, uint64_t start_ticks,
		   uint64_t time_ticks);
/* p->next becomes the one after it. */
void pm_pace_step(struct pm_pace *p);
/*
 * Wait for p->next, from now on; what is gathered is released in between when
 * its time has come.  Returns the ticks at which it woke; earlier than
 * p->next only if it was told to stop.
 */
uint64_t pm_pace_wait(struct pm_pace *p, struct pm_run *run, uint64_t now);
/* A message of this length went to the engine at p->sent. */
void pm_pace_gathered(struct pm_pace *p, uint64_t length);

#endif
