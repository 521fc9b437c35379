/* What both ends of the workload connect share: phases, and what is told. */
#include "bench/connect.h"

#include <stdlib.h>
#include <string.h>

#include "bench/many.h"
#include "ipc/sys.h"

enum ipc_rc pm_connect_attach(struct pm_connect *c, struct ipc_link *link,
			      size_t want)
{
	struct pm_worker *w = c->w;
	enum ipc_rc rc;

	w->link = *link; /* closed with the worker if this fails */
	*link = (struct ipc_link)IPC_LINK_INIT;
	w->effective_bytes = w->link.effective_bytes;
	rc = pm_worker_check(w, &w->link);
	if (!rc)
		rc = w->engine->attach(w->hub, &w->link, NULL, &w->end,
				       &w->err);
	if (!rc)
		w->end->want = want;
	return rc;
}

void pm_connect_fill(const struct pm_connect *c, struct pm_msg *msg,
		     uint64_t seq, bool closing)
{
	const struct pm_run *run = &c->w->run;

	if (closing)
		pm_msg_close(msg, run->size, seq);
	else
		pm_msg_fill(msg, run->verify ? run->size : sizeof(*msg), seq);
	msg->stamp_ticks = ipc_ticks();
}

enum ipc_rc pm_connect_say(struct pm_connect *c, uint64_t seq, bool closing)
{
	struct pm_worker *w = c->w;
	struct pm_msg *msg = w->engine->reserve(w->end);

	if (msg)
		pm_connect_fill(c, msg, seq, closing);
	if (msg && !w->engine->commit(w->end, w->run.size, 0) &&
	    !w->engine->flush(w->end))
		return IPC_OK;
	w->err = w->end->err;
	return w->err.rc < 0 ? w->err.rc : IPC_OS;
}

void pm_connect_detach(struct pm_connect *c)
{
	struct pm_worker *w = c->w;

	pm_tally_add(&c->in, &w->end->in);
	pm_tally_add(&c->out, &w->end->out);
	w->engine->detach(w->end);
	w->end = NULL;
}

static bool serves(const struct pm_connect *c)
{
	return c->w->role == PM_CONSUMER;
}

static enum ipc_rc make_hists(struct pm_connect *c)
{
	struct pm_hist *const all[] = {
		&c->hists.create, &c->hists.connect, &c->hists.accept,
		&c->hists.first_message, &c->hists.close
	};
	unsigned digits = (unsigned)c->w->cell.config.precision;
	enum ipc_rc rc = IPC_OK;

	for (size_t i = 0; !rc && i < sizeof(all) / sizeof(*all); i++)
		rc = pm_hist_init(all[i], digits, &c->w->err);
	return rc;
}

/* Warm-up ended.  A listener that lasts was made before, once. */
static void forget(struct pm_connect *c)
{
	struct pm_worker *w = c->w;

	if (w->alone || (w->pairing.transport->renew &&
			 !w->cell.config.io.reuse))
		pm_hist_reset(&c->hists.create);
	pm_hist_reset(&c->hists.connect);
	pm_hist_reset(&c->hists.accept);
	pm_hist_reset(&c->hists.first_message);
	pm_hist_reset(&c->hists.close);
	memset(&c->in, 0, sizeof(c->in));
	memset(&c->out, 0, sizeof(c->out));
	w->again = w->busy = w->timeouts = 0;
}

static enum ipc_rc phase(struct pm_connect *c, uint64_t time_ns, uint64_t count)
{
	struct pm_worker *w = c->w;

	w->run.seq = w->run.bytes = 0;
	w->plan.time_ticks = ipc_to_ticks(&w->run.clock, time_ns);
	w->plan.count = count;
	w->plan.timed_every = 1;
	return w->alone	   ? pm_connect_alone(c)
	       : serves(c) ? pm_connect_serve(c)
			   : pm_connect_visit(c);
}

static void take_snapshot(const struct pm_connect *c, struct pm_snapshot *s)
{
	ipc_usage_now(&s->usage);
	s->cpu = ipc_current_cpu();
	s->in = c->in;
	s->out = c->out;
	s->out.retries += c->w->again;
	s->waits = c->w->hub ? c->w->hub->waits : 0;
}

/* The first histogram that a client tells is kept as its own. */
static void report(struct pm_connect *c, const struct pm_snapshot *before,
		   const struct pm_snapshot *after)
{
	struct pm_worker *w = c->w;
	struct pm_report *r = &w->report;
	uint64_t clients = w->cell.config.io.clients;

	pm_report_hist(r, "connect", &c->hists.connect);
	pm_report_hist(r, "create", &c->hists.create);
	pm_report_hist(r, "accept", &c->hists.accept);
	pm_report_hist(r, "first_message", &c->hists.first_message);
	pm_report_hist(r, "close", &c->hists.close);
	if (!w->alone && !serves(c)) {
		pm_report_metric(r, "busy", (double)w->busy);
		pm_report_metric(r, "timeouts", (double)w->timeouts);
	}
	for (unsigned i = 0; c->clients && clients > 1 && i < clients; i++)
		pm_report_client(r, i, &c->clients[i], NULL, NULL);
	if (c->clients && clients > 1)
		pm_report_metric(r, "fins", c->closed);
	pm_worker_report(w, before, after);
}

static enum ipc_rc open_side(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	enum ipc_rc rc;

	w->asked_bytes = pm_worker_asked(w);
	w->run.size = w->run.size_min = w->cell.config.message;
	if (w->alone)
		return IPC_OK;
	if (!w->pairing.transport->listen)
		return ipc_refuse(&w->err, IPC_UNSUPPORTED, "--link",
				  "connecting goes by name");
	rc = w->engine->open(&w->cell.config.io, 1, &w->hub, &w->err);
	w->run.hub = w->hub;
	if (!rc && pm_connect_calls(c)) {
		c->words = calloc(2, w->run.size);
		if (!c->words)
			rc = ipc_refuse(&w->err, IPC_NOMEM, "calloc", "message");
	}
	if (rc)
		return rc;
	return serves(c) ? pm_connect_greet_clients(c)
			 : pm_connect_greet_server(c);
}

static enum ipc_rc live(struct pm_connect *c)
{
	struct pm_snapshot before, after;
	struct pm_worker *w = c->w;
	const struct pm_config *config = &w->cell.config;
	enum ipc_rc rc = make_hists(c);

	if (!rc)
		rc = open_side(c);
	if (!rc)
		rc = pm_worker_ready(w);
	if (!rc)
		rc = phase(c, config->warmup, 0);
	w->warmup_ns = pm_worker_plan_ns(w);
	if (!rc)
		rc = pm_worker_warmed(w, w->run.seq);
	if (rc)
		return rc;
	forget(c);
	w->plan.series = &w->series;
	take_snapshot(c, &before);
	rc = phase(c, config->time, config->count);
	take_snapshot(c, &after);
	if (!rc)
		report(c, &before, &after);
	return rc;
}

enum ipc_rc pm_connect_live(struct pm_worker *w)
{
	struct pm_connect *c = calloc(1, sizeof(*c));
	enum ipc_rc rc;

	if (!c)
		return ipc_refuse(&w->err, IPC_NOMEM, "calloc", "connect");
	c->w = w;
	rc = live(c);
	if (w->end) /* before its listener; the server behind it is our own */
		pm_connect_detach(c);
	if (w->pairing.transport->unlisten)
		w->pairing.transport->unlisten(c->listener);
	free(c->clients);
	free(c->words);
	pm_hist_free(&c->hists.create);
	pm_hist_free(&c->hists.connect);
	pm_hist_free(&c->hists.accept);
	pm_hist_free(&c->hists.first_message);
	pm_hist_free(&c->hists.close);
	free(c);
	return rc;
}
