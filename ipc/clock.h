#ifndef IPC_CLOCK_H
#define IPC_CLOCK_H
/*
 * Time.  Stamps stay ticks; a difference becomes nanoseconds in one place,
 * when it is recorded, by one multiply and one shift.  The runner measures
 * the clock once and hands the constants to both ends, so that two processes
 * never disagree about the length of a tick.
 */
#include <stdint.h>

#include "ipc/err.h"

enum { IPC_CLOCK_TEXT_MAX = 96 };

struct ipc_clock {
	char     source[24]; /* "tsc", "clock_monotonic", "qpc" */
	uint64_t rate;       /* ticks a second, below 1.8e10 */
	uint32_t mult;       /* ns = ticks * mult >> shift; right to 1e-6, and */
	uint32_t shift;      /* without overflow, for differences of 18 minutes */
	double   read_ns;    /* measured cost of one ipc_ticks() */
	uint64_t resolution_ns_x1000; /* smallest step seen, in ps */
};

/*
 * Choose the source and measure it: the invariant time stamp counter where
 * the system itself uses it as its clock, else the system's monotonic clock.
 * Takes some 30 ms; the runner calls it once.
 */
enum ipc_rc ipc_clock_measure(struct ipc_clock *clock, struct ipc_err *err);

/* Use what the runner measured.  Text is that of ipc_clock_print. */
enum ipc_rc ipc_clock_adopt(const char *text, struct ipc_clock *clock,
			    struct ipc_err *err);
const char *ipc_clock_print(const struct ipc_clock *clock,
			    char buf[IPC_CLOCK_TEXT_MAX]);

/*
 * Monotonic, common to all processes of this machine.  Unit: ticks.  Valid
 * after measure or adopt.
 */
uint64_t ipc_ticks(void);

/* Fill in mult and shift from rate; measure and adopt have done it. */
void ipc_clock_scale(struct ipc_clock *clock);

/* A difference in ns: one multiply and shift. */
static inline uint64_t ipc_ns(const struct ipc_clock *c, uint64_t ticks)
{
	return ticks * c->mult >> c->shift;
}

/* ns to ticks, for deadlines; divides first, so that nothing overflows. */
static inline uint64_t ipc_to_ticks(const struct ipc_clock *c, uint64_t ns)
{
	return ns / 1000000000u * c->rate +
	       ns % 1000000000u * c->rate / 1000000000u;
}

/* For everything but the hot path; no measure needed.  Unit: ns. */
uint64_t ipc_now_ns(void);  /* monotonic */
uint64_t ipc_in_ns(uint64_t ns); /* so long from now; UINT64_MAX: never */
uint64_t ipc_wall_ns(void); /* since 1970, UTC */
void     ipc_sleep_ns(uint64_t ns);
/* From here on sleeps of this process end as near to their time as they can. */
void     ipc_sleep_finely(void);

/* The host's part, in ipc/<os>/clock.c. */
uint64_t ipc_clock_system_ticks(void); /* the fallback source, */
uint64_t ipc_clock_system_rate(void);  /* its ticks a second, */
const char *ipc_clock_system_name(void);
int ipc_clock_tsc_is_sound(void);      /* 1 if the system trusts the TSC */

#endif
