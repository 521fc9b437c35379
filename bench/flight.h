#ifndef PM_FLIGHT_H
#define PM_FLIGHT_H
/* Between the two halves of a launch: its life, and how it is started. */
#include "bench/launch.h"
#include "bench/merge.h"
#include "ipc/proc.h"

enum { PM_PRODUCERS_MAX = 64, PM_SIDES_MAX = PM_PRODUCERS_MAX + 1 };

enum pm_side_state {
	PM_SIDE_OPENING,
	PM_SIDE_READY,
	PM_SIDE_WARMED,
	PM_SIDE_ENDED
};

/* One process. */
struct pm_side {
	int                end;    /* PM_PRODUCER or PM_CONSUMER */
	unsigned           first, links; /* of the trial's links it has */
	enum pm_side_state state;
	struct ipc_proc    proc;
	struct ipc_channel channel;
	uint64_t           warmed; /* messages of the warm-up */
	uint64_t           sent;
	uint64_t           ring;   /* of its last operations; 0: none */
	bool               failed; /* reported an error, or is gone */
	bool               killed;
};

struct pm_flight {
	const struct pm_launch *launch;
	struct pm_trial        *trial;
	struct pm_side          side[PM_SIDES_MAX]; /* the consumer first */
	unsigned                count;
	struct pm_merge        *merge;   /* of several producers; else NULL */
	struct ipc_link         link[2]; /* until handed over */
	char                    name[IPC_TEXT_MAX];
	int                     cpu[2];
	uint64_t                deadline_ns;
	uint64_t                meddle_ns; /* the meddler's turn; 0: none */
	bool                    met;       /* the meddler had its chance */
	bool                    warming, measuring, stopping;
};

/* The first failure is the trial's, unless a later one explains it. */
void pm_flight_fail(struct pm_flight *f, int end, const struct ipc_err *err);
/* Links and processes; what was started is in f->side, whatever is returned. */
enum ipc_rc pm_flight_start(struct pm_flight *f);

#endif
