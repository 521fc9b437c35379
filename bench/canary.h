#ifndef PM_CANARY_H
#define PM_CANARY_H
/*
 * The canary: things that are no pipe, timed once a round.  If they move, the
 * machine moved, and a difference between cells proves nothing.
 */
#include <stdint.h>

#include "ipc/clock.h"

struct pm_canary {
	double clock_read_ns; /* one ipc_ticks() */
	double memcpy64k_ns;  /* a copy of 64 KiB */
	double wake_ns;       /* waking a sleeping thread */
	double bounce_ns;     /* a cache line there and back between two CPUs */
	double lost_share;    /* of the CPUs' time, taken by others: 0 to 1 */
};

/* Medians of small bursts, the best of the bounce; about 25 ms.  A member that failed is NaN. */
void pm_canary_sing(const struct ipc_clock *clock, struct pm_canary *canary);

#endif
