/*
 * What the harness itself costs: the loop that has just measured, on the
 * engine that moves nothing, with the same N and the same buffers.
 */
#include <math.h>
#include <stdlib.h>

#include "bench/worker.h"
#include "ipc/registry.h"

enum {
	BURSTS = 5, BURST_NS = 100000, GROUP = 256,
	BYTES_MOST = 4 << 20 /* beyond it a look at every page costs too much */
};

/* Planned so densely that no message ever waits. */
#define DENSE_RATE UINT64_C(1000000000)

struct floor_bench {
	struct pm_run        run;     /* a copy: counts here mean nothing */
	struct pm_phase_plan plan;
	struct pm_pace       pace;
	struct pm_hist       scratch;
	struct ipc_hub      *hub;
	struct ipc_end      *end;
	uint64_t            *stamps;  /* of the message that next lends */
	uint64_t             every;
	bool                 paced;
	atomic_bool          never;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double produce_burst(struct floor_bench *f)
{
	f->run.seq = f->run.bytes = 0;
	if (pm_produce(&f->run, &f->plan) || !f->run.seq)
		return NAN;
	return (double)ipc_ns(&f->run.clock,
			      f->plan.end_ticks - f->plan.start_ticks) /
	       (double)f->run.seq;
}

/*
 * One in N of the messages that came had a stamp: so many have one here, but
 * together, since the group itself must not cost.
 */
static uint64_t consume_group(struct floor_bench *f)
{
	uint64_t stamped = f->every && f->every < GROUP ? GROUP / f->every : 1;
	pm_loop *loop = f->every ? f->plan.timed : f->plan.plain;

	if (!f->stamps || !f->every) {
		loop(&f->run, GROUP);
		return GROUP;
	}
	if (f->every > 1) {
		f->stamps[0] = 0;
		loop(&f->run, stamped * (f->every - 1));
	}
	f->stamps[0] = ipc_ticks();
	if (f->paced)
		f->stamps[1] = f->stamps[0]; /* planned */
	loop(&f->run, stamped);
	return stamped * f->every;
}

static double consume_burst(struct floor_bench *f)
{
	uint64_t start = ipc_ticks(), now = start, count = 0;
	uint64_t limit = ipc_to_ticks(&f->run.clock, BURST_NS);

	while (now - start < limit) {
		count += consume_group(f);
		now = ipc_ticks();
	}
	return (double)ipc_ns(&f->run.clock, now - start) / (double)count;
}

static bool prepare(struct floor_bench *f, const struct pm_worker *w)
{
	const struct ipc_engine *null = ipc_find_engine("null")->it;
	struct ipc_link link = IPC_LINK_INIT;
	struct ipc_end *from;
	const void *data;

	if (null->open(&w->cell.config.io, 1, &f->hub, NULL) ||
	    null->attach(f->hub, &link, NULL, &f->end, NULL) ||
	    pm_hist_init(&f->scratch, (unsigned)w->cell.config.precision,
			 NULL))
		return false;
	f->run = w->run;
	f->run.io = null;
	f->run.hub = f->hub;
	f->run.end = f->end;
	f->run.delay_ticks = 0;
	if (f->run.hist)
		f->run.hist = &f->scratch;
	f->run.service = f->run.lateness = f->run.one_way = &f->scratch;
	if (f->run.send_call)
		f->run.send_call = &f->scratch;
	if (f->run.recv_call)
		f->run.recv_call = &f->scratch;
	f->run.trace = f->run.service_trace = NULL;
	f->plan = w->plan;
	f->plan.time_ticks = ipc_to_ticks(&w->run.clock, BURST_NS);
	f->plan.count = f->plan.drain_every = 0;
	f->plan.series = NULL;
	f->plan.heat = NULL;
	f->plan.stop = &f->never;
	if (w->run.pace) {
		f->pace = w->pace;
		f->pace.rate = DENSE_RATE;
		f->pace.stop = &f->never;
		f->run.pace = &f->pace;
	}
	f->paced = w->paced;
	f->every = w->hist.n ? w->run.seq / w->hist.n : 0;
	null->next(f->hub, &from, &data);
	if (w->cell.config.message_min >= sizeof(struct pm_msg))
		/* Lent, and the null engine's own: nobody else writes there. */
		f->stamps = (uint64_t *)(uintptr_t)data + 1;
	return true;
}

double pm_worker_floor(const struct pm_worker *w)
{
	const struct ipc_opts *opts = &w->cell.config.io;
	uint64_t slots = opts->slots == IPC_SLOTS_AUTO ? 1 : opts->slots;
	struct floor_bench *f;
	double bursts[BURSTS], floor = NAN;

	/* Several clients share CPUs: nobody's floor would be his own. */
	if (w->null || w->plan.stopped || opts->clients > 1 ||
	    slots * opts->size > BYTES_MOST ||
	    w->cell.config.workload == PM_WORKLOAD_CONNECT)
		return NAN;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NAN;
	if (prepare(f, w)) {
		for (int i = 0; i < BURSTS; i++)
			bursts[i] = w->role == PM_PRODUCER ? produce_burst(f)
							   : consume_burst(f);
		qsort(bursts, BURSTS, sizeof(*bursts), by_value);
		floor = bursts[BURSTS / 2];
	}
	pm_hist_free(&f->scratch);
	if (f->hub)
		f->hub->engine->close(f->hub);
	free(f);
	return floor;
}
