#ifndef PM_WORKER_H
#define PM_WORKER_H
/*
 * One end of a trial: the program pipemark-producer or pipemark-consumer,
 * started by the runner (with --control) or by hand.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/config.h"
#include "bench/loop.h"
#include "bench/pace.h"
#include "bench/phase.h"
#include "bench/report.h"
#include "ipc/proc.h"
#include "ipc/registry.h"

struct pm_worker {
	int              role; /* PM_PRODUCER or PM_CONSUMER */
	struct pm_cell   cell;
	/* what is no knob */
	const char      *control;   /* "R,W"; NULL: by hand */
	const char      *link_spec; /* "-", "handles:R,W", or a name */
	const char      *clock_text;
	const char      *out_path;
	uint64_t         token;
	uint64_t         seed;      /* of the planned times */
	uint64_t         delay_ns;
	const char      *stress;    /* see worker_stress.c; NULL: none */
	uint64_t         handles;   /* open before the trial, if stressed */
	int              cpu;       /* -1: wherever */
	unsigned         first, links; /* of the trial's clients; see --links */
	unsigned         client;    /* which one is at the other side */
	bool             shares;    /* one of several links of this process */
	bool             foreign;
	bool             opaque; /* the consumer cannot look at what comes */
	bool             has_time;  /* by hand: time or count was given */
	/* the trial */
	bool             duplex, paced, null;
	bool             alone; /* connect, without a name: no other end */
	struct ipc_channel       channel;
	struct ipc_pairing       pairing;
	const struct ipc_engine *engine;
	struct ipc_hub          *hub;
	struct ipc_end          *end;
	struct ipc_link          link;
	bool                     took_link; /* tried to open or adopt it */
	uint64_t                 asked_bytes; /* IPC_BUFFER_OS: nothing was */
	size_t                   effective_bytes;
	char                     peer[80]; /* who the client is, if asked */
	struct pm_run            run;
	struct pm_hist           hist, service, lateness;
	struct pm_hist           send_call, recv_call, one_way;
	struct pm_trace          trace, service_trace;
	struct pm_heat           heat;
	struct pm_pace           pace;
	struct pm_series         series;
	struct pm_phase_plan     plan;
	uint64_t                 warmup_ns;
	uint64_t                 again, busy, timeouts; /* of a client's tries */
	char                     how[96]; /* what the engine became */
	atomic_bool              stop;
	struct pm_report         report;
	struct ipc_err           err;
};

/* Costs and counts at one moment; two of them make a measurement. */
struct pm_snapshot {
	struct ipc_usage usage;
	struct ipc_tally in, out;
	uint64_t         waits;
	int              cpu;
};

/* Both programs' main. */
int pm_worker_main(int role, int argc, char **argv);

/* worker_args.c: 0, or the exit status with which to end at once. */
enum { PM_ARGS_GO = -1 };
int pm_worker_args(struct pm_worker *w, int argc, char **argv);

/* worker.c: say "ready" or "warmed", and wait until the runner goes on. */
enum ipc_rc pm_worker_ready(struct pm_worker *w);
enum ipc_rc pm_worker_warmed(struct pm_worker *w, uint64_t messages);

/* worker_phase.c */
enum ipc_rc pm_worker_prepare(struct pm_worker *w);
enum ipc_rc pm_worker_warm_up(struct pm_worker *w);
enum ipc_rc pm_worker_measure(struct pm_worker *w);
uint64_t pm_worker_timed_every(const struct pm_worker *w);

/* many.c: all of it, for an end of several links; w is prepared. */
enum ipc_rc pm_many_live(struct pm_worker *w);

/* worker_link.c: make, find or adopt the link, attach it. */
enum ipc_rc pm_worker_open(struct pm_worker *w);
/* A client's link; it waits for its server as the knob says. */
enum ipc_rc pm_worker_connect(struct pm_worker *w, struct ipc_link *link);
/* The same with another way to reach the server. */
typedef enum ipc_rc pm_attempt(struct pm_worker *w, void *arg);
enum ipc_rc pm_worker_persist(struct pm_worker *w, pm_attempt *attempt,
			      void *arg);
/* Links only, w->links of them. */
enum ipc_rc pm_worker_links(struct pm_worker *w, struct ipc_link *links);
/* Is this engine able to drive this link? */
enum ipc_rc pm_worker_check(struct pm_worker *w, const struct ipc_link *link);
bool pm_worker_serves(const struct pm_worker *w);
uint64_t pm_worker_asked(const struct pm_worker *w); /* buffer, in bytes */
/* The first message; says and checks who is there. */
enum ipc_rc pm_worker_hello(struct pm_worker *w);
/* The first message of one of several; w->client becomes who said it. */
enum ipc_rc pm_worker_say_hello(struct pm_worker *w, struct ipc_end *end,
				unsigned client);
enum ipc_rc pm_worker_read_hello(struct pm_worker *w, const void *data,
				 int64_t length);
/* After the hello: the lengths that come now. */
void pm_worker_wants(struct pm_worker *w);
void pm_worker_close(struct pm_worker *w);

/* worker_stress.c: what --stress changes once the engine is known, and what it
 * looks at when everything is closed. */
enum ipc_rc pm_worker_stress(struct pm_worker *w);
void pm_worker_stressed(struct pm_worker *w);

/* worker_report.c: what was measured between two moments, as lines. */
void pm_worker_snapshot(const struct pm_worker *w, struct pm_snapshot *s);
void pm_worker_report(struct pm_worker *w, const struct pm_snapshot *a,
		      const struct pm_snapshot *b);
/* worker_hists.c: the histograms, traces and rows over time of this end. */
enum ipc_rc pm_worker_hists(struct pm_worker *w, bool can_time);
void pm_worker_forget(struct pm_worker *w);
void pm_worker_report_hists(struct pm_worker *w);

/* worker_floor.c: ns a message of the same loop on the null engine, or NaN. */
double pm_worker_floor(const struct pm_worker *w);
uint64_t pm_worker_plan_ns(const struct pm_worker *w); /* of the last phase */

#endif
