/* connect, the client: comes, says its message, sees the server close. */
#include "bench/connect.h"

static bool is_over(const struct pm_worker *w, uint64_t now)
{
	const struct pm_phase_plan *plan = &w->plan;

	return (plan->count ? w->run.seq >= plan->count
			    : now - plan->start_ticks >= plan->time_ticks) ||
	       atomic_load_explicit(plan->stop, memory_order_relaxed);
}

/* The server says nothing: it closes, or disconnects. */
static enum ipc_rc await_close(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	struct ipc_end *from;
	const void *data;
	int64_t rc = w->engine->next(w->hub, &from, &data);

	if (rc == IPC_EOF || rc == IPC_GONE)
		return IPC_OK;
	if (rc >= 0)
		return ipc_refuse(&w->err, IPC_CORRUPT, "connect",
				  "the server answered");
	pm_run_next_failed(&w->run, from, rc);
	w->err = w->run.err;
	return w->err.rc;
}

static uint64_t seq_of(const struct pm_worker *w)
{
	return (uint64_t)w->first << PM_CLIENT_SHIFT | w->run.seq;
}

/*
 * The server is reached.  Whose patience ends before an instance is free tries
 * anew, and is counted; IPC_TIMEOUT if the phase ended meanwhile.
 */
static enum ipc_rc reach(struct pm_connect *c, bool closing,
			 pm_attempt *attempt, void *arg)
{
	struct pm_worker *w = c->w;
	uint64_t start = ipc_ticks();
	enum ipc_rc rc = attempt(w, arg);

	while (rc == IPC_BUSY || rc == IPC_TIMEOUT) {
		w->timeouts += rc == IPC_TIMEOUT;
		if (!closing && is_over(w, ipc_ticks()))
			return IPC_TIMEOUT;
		start = ipc_ticks();
		rc = attempt(w, arg);
	}
	if (!rc && !closing)
		pm_connect_took(c, &c->hists.connect, start);
	return rc;
}

static enum ipc_rc get_link(struct pm_worker *w, void *link)
{
	return pm_worker_connect(w, link);
}

static enum ipc_rc enter(struct pm_connect *c, bool closing)
{
	struct pm_worker *w = c->w;
	struct ipc_link link = IPC_LINK_INIT;
	enum ipc_rc rc = reach(c, closing, get_link, &link);

	if (!rc)
		rc = pm_connect_attach(c, &link, w->run.size);
	ipc_link_close(&link);
	return rc;
}

/* Connect, say it, stay until the server closes. */
static enum ipc_rc stay(struct pm_connect *c, bool closing)
{
	enum ipc_rc rc = enter(c, closing);

	if (!rc)
		rc = pm_connect_say(c, seq_of(c->w), closing);
	if (!rc)
		rc = await_close(c);
	if (!rc)
		pm_connect_detach(c);
	return rc;
}

struct call {
	struct pm_connect *c;
	bool               closing;
};

static enum ipc_rc call_once(struct pm_worker *w, void *arg)
{
	struct call *call = arg;
	struct pm_connect *c = call->c;
	struct pm_msg *msg = (struct pm_msg *)c->words;
	struct pm_msg *reply = (struct pm_msg *)(c->words + w->run.size);
	uint64_t seq = seq_of(w);
	size_t got = 0;
	enum ipc_rc rc;

	pm_connect_fill(c, msg, seq, call->closing);
	c->out.ops++;
	c->out.calls++;
	rc = w->pairing.transport->call(w->link_spec, &w->cell.config.io, msg,
					w->run.size, reply, w->run.size, &got,
					&w->err);
	if (rc)
		return rc;
	c->out.messages++;
	c->in.messages++;
	if (got == w->run.size && reply->seq == seq &&
	    (!w->run.verify || pm_msg_payload_ok(reply, got, seq)))
		return IPC_OK;
	return ipc_refusef(&w->err, IPC_CORRUPT, "CallNamedPipe",
			   "a reply of %zu bytes is not the one asked for", got);
}

static enum ipc_rc call_patiently(struct pm_worker *w, void *call)
{
	return pm_worker_persist(w, call_once, call);
}

static enum ipc_rc visit_once(struct pm_connect *c, bool closing)
{
	struct call call = { c, closing };
	enum ipc_rc rc = pm_connect_calls(c)
				 ? reach(c, closing, call_patiently, &call)
				 : stay(c, closing);

	if (rc || closing)
		return rc;
	c->w->run.seq++;
	c->w->run.bytes += c->w->run.size;
	return IPC_OK;
}

enum ipc_rc pm_connect_greet_server(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	enum ipc_rc rc = enter(c, true);

	if (!rc && pm_worker_say_hello(w, w->end, w->first)) {
		w->err = w->run.err;
		rc = w->err.rc;
	}
	if (!rc)
		rc = await_close(c);
	if (!rc)
		pm_connect_detach(c);
	return rc;
}

enum ipc_rc pm_connect_visit(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	uint64_t now = w->plan.start_ticks = ipc_ticks();
	enum ipc_rc rc = IPC_OK;

	while (!rc && !is_over(w, now)) {
		rc = visit_once(c, false);
		now = ipc_ticks();
	}
	w->plan.end_ticks = now;
	w->plan.stopped = atomic_load(&w->stop);
	return rc && rc != IPC_TIMEOUT ? rc : visit_once(c, true);
}

/* Without a name one call makes both sides and connects them. */
static enum ipc_rc make_and_close(struct pm_connect *c)
{
	struct ipc_link near_side = IPC_LINK_INIT, far_side = IPC_LINK_INIT;
	struct pm_worker *w = c->w;
	const struct ipc_pairing *p = &w->pairing;
	uint64_t start = ipc_ticks(), made;
	enum ipc_rc rc = p->transport->pair(
		&w->cell.config.io,
		p->consumer_needs & ~(unsigned)IPC_CAP_DUPLEX,
		p->producer_needs & ~(unsigned)IPC_CAP_DUPLEX, &near_side,
		&far_side, &w->err);

	if (rc)
		return rc;
	made = ipc_ticks();
	w->effective_bytes = near_side.effective_bytes;
	ipc_link_close(&near_side);
	ipc_link_close(&far_side);
	pm_connect_took(c, &c->hists.close, made);
	pm_hist_record(&c->hists.create, ipc_ns(&w->run.clock, made - start));
	pm_hist_record(&c->hists.connect, ipc_ns(&w->run.clock, made - start));
	w->run.seq++;
	return IPC_OK;
}

enum ipc_rc pm_connect_alone(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	uint64_t now = w->plan.start_ticks = ipc_ticks();
	enum ipc_rc rc = IPC_OK;

	while (!rc && !is_over(w, now)) {
		rc = make_and_close(c);
		now = ipc_ticks();
	}
	w->plan.end_ticks = now;
	w->plan.stopped = atomic_load(&w->stop);
	return rc;
}
