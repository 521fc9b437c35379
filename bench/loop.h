#ifndef PM_LOOP_H
#define PM_LOOP_H
/*
 * The hot loops.  Each moves `count` messages in the shape of one workload
 * and returns; the caller (phase.c) looks at the clock and at the time left
 * between two calls, so that no loop does.  Three variants of each: plain,
 * stamped, and careful, which also fills and checks payload, draws lengths and
 * serves messages below 16 bytes; ping-pong has plain and stamped ones for
 * those too.  The choice is made once, before the loop.
 */
#include <stdbool.h>
#include <stdint.h>

#include "bench/hist.h"
#include "bench/msg.h"
#include "ipc/clock.h"
#include "ipc/ipc.h"

struct pm_pace;

struct pm_integrity {
	uint64_t lost, repeated, reordered, corrupt;
};

struct pm_run {
	struct ipc_hub          *hub;
	struct ipc_end          *end;
	const struct ipc_engine *io;
	struct ipc_clock         clock;
	size_t                   size, size_min, reply; /* bytes */
	bool                     verify;
	bool                     foreign;   /* the peer does not speak our protocol */
	bool                     timed;     /* careful loops: stamp and record */
	size_t                   header;    /* of a message, before the pattern */
	uint64_t                 seq;       /* of the next message, this phase */
	uint64_t                 bytes;     /* moved in this phase */
	uint64_t                 lengths;   /* state of the drawn lengths */
	uint64_t                 closing_count; /* what the closing message said */
	bool                     closed;    /* the closing message was received */
	struct pm_hist          *hist;      /* rtt, time in pipe, or response */
	struct pm_hist          *service;   /* paced, consumer */
	struct pm_hist          *lateness;  /* paced, producer */
	/* careful loops; NULL: not wanted */
	struct pm_hist          *send_call, *recv_call, *one_way;
	struct pm_trace         *trace, *service_trace;
	struct pm_pace          *pace;      /* paced, producer; else NULL */
	uint64_t                 delay_ticks; /* tests: the consumer spins */
	struct pm_integrity      integrity;
	struct ipc_err           err;       /* why a loop returned a failure */
};

/* The first samples of a distribution, as they came; preallocated. */
struct pm_trace {
	uint64_t *ns;
	size_t    count, room;
};

enum pm_variant {
	PM_PLAIN, PM_STAMPED, PM_CAREFUL,
	PM_SMALL, PM_SMALL_STAMPED, /* NULL: it is careful with those */
	PM_VARIANTS
};

/*
 * Move up to count messages; a receiving loop returns earlier when the closing
 * message came (run->closed).  run->seq counts on.  On failure run->err says why.
 */
typedef enum ipc_rc pm_loop(struct pm_run *run, uint64_t count);

extern pm_loop *const pm_send_loops[PM_VARIANTS];    /* stream, producer */
extern pm_loop *const pm_receive_loops[PM_VARIANTS]; /* stream, consumer */
extern pm_loop *const pm_pace_loops[PM_VARIANTS];    /* paced, producer */
extern pm_loop *const pm_arrive_loops[PM_VARIANTS];  /* paced, consumer */
extern pm_loop *const pm_ping_loops[PM_VARIANTS];    /* pingpong, producer */
extern pm_loop *const pm_echo_loops[PM_VARIANTS];    /* pingpong, consumer */

/* For the loops: the failure of an end or of its hub. */
enum ipc_rc pm_run_failed(struct pm_run *run, const struct ipc_err *err);
enum ipc_rc pm_run_next_failed(struct pm_run *run, struct ipc_end *from,
			       int64_t rc);
size_t pm_draw_length(struct pm_run *run);
/* Is it the closing message?  Then run->closed and closing_count are set. */
bool pm_closes(struct pm_run *run, const void *data, size_t length);
void pm_check_message(struct pm_run *run, const void *data, size_t length);
void pm_spin_ticks(uint64_t ticks);

/* Into a histogram, and into a trace as far as there is one. */
static inline void pm_sample(struct pm_hist *hist, struct pm_trace *trace,
			     uint64_t ns)
{
	pm_hist_record(hist, ns);
	if (trace && trace->count < trace->room)
		trace->ns[trace->count++] = ns;
}

/* Careful loops: the clock, if the calls are timed. */
static inline uint64_t pm_look(const struct pm_hist *call)
{
	return call ? ipc_ticks() : 0;
}

#define PM_TEMPLATE static inline __attribute__((always_inline))

/*
 * The loops that nearly everybody runs, and the calls of an engine that they
 * make, lie side by side: a program that has waited has to get each page and
 * each line of its code again.  1.5 % of a round trip.
 */
#define PM_HOT __attribute__((hot))

#endif
