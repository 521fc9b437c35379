#ifndef PM_MANY_H
#define PM_MANY_H
/*
 * An end of several links.  A lane is one hub and what it serves: a link, and
 * then a thread of its own, where the engine has one end a hub; else as many
 * links as the engine takes.  A single lane runs on the main thread.
 */
#include "bench/worker.h"

/* Clients whose histograms are kept apart; beyond, each lane has one. */
enum { PM_APART_MAX = 256 };

/* One client, in a lane of several. */
struct pm_lane_link {
	struct pm_run  run;       /* its own sequence, lengths, histogram */
	struct pm_hist hist;
	unsigned       client;
	size_t         want;      /* length of its next message */
	uint64_t       sent_ticks; /* pingpong: of the message under way */
	uint64_t       first_ticks, last_ticks; /* receipts */
};

struct pm_many;

struct pm_tally_pair {
	struct ipc_tally in, out;
};

struct pm_lane {
	struct pm_worker       w;     /* a copy of its own; the only link's run */
	struct pm_many        *many;
	struct pm_lane_link *links; /* NULL: the one link is w's */
	struct ipc_link       *given; /* count of them, until attached */
	unsigned               count;
	unsigned               open;  /* links whose closing message is to come */
	struct ipc_tally       in, out; /* of the measured phase */
	uint64_t               waits;
	struct ipc_sem        *go;
	enum ipc_rc            rc;
};

/* What all lanes do, one stage after the other. */
typedef enum ipc_rc pm_stage(struct pm_lane *lane);

struct pm_many {
	struct pm_worker *w;      /* the process's own */
	struct pm_lane   *lanes;
	unsigned          count;
	struct ipc_link  *links;
	pm_stage         *stage;  /* NULL: the threads end */
	struct ipc_sem   *done;
	bool              threads;
};

/* loop_many.c: a phase of a lane of several links, plan in lane->w. */
enum ipc_rc pm_many_produce(struct pm_lane *lane);
enum ipc_rc pm_many_consume(struct pm_lane *lane);

void pm_tally_add(struct ipc_tally *sum, const struct ipc_tally *one);
void pm_tally_sub(struct ipc_tally *sum, const struct ipc_tally *one);

/* many_report.c: the lanes as one, into the process's worker. */
void pm_many_report(struct pm_many *m, struct pm_snapshot *before,
		    struct pm_snapshot *after);

#endif
