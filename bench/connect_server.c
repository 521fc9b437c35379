/* connect, the server: one client after the other. */
#include <inttypes.h>
#include <stdlib.h>

#include "bench/connect.h"
#include "ipc/clock.h"
#include "ipc/sys.h"

static enum ipc_rc failed(struct pm_connect *c)
{
	c->w->err = c->w->run.err;
	return c->w->err.rc;
}

/*
 * What the next client connects to, where that is made for each: before this
 * one is served if the system lets us, so that the name never goes; else
 * (IPC_BUSY: there are as many as there may be) when this one is gone, which
 * is when it has closed as well: it was told just now.
 */
static enum ipc_rc make_next(struct pm_connect *c, bool last_chance)
{
	const struct ipc_transport *t = c->w->pairing.transport;
	uint64_t until, start = ipc_ticks();
	enum ipc_rc rc;

	if (c->has_next || !t->renew || c->w->cell.config.io.reuse)
		return IPC_OK;
	rc = t->renew(c->listener, &c->w->err);
	if (rc == IPC_BUSY && !last_chance)
		return IPC_OK;
	for (until = ipc_in_ns(IPC_LEAVING_NS);
	     rc == IPC_BUSY && ipc_now_ns() < until;) {
		ipc_yield();
		start = ipc_ticks();
		rc = t->renew(c->listener, &c->w->err);
	}
	c->has_next = rc == IPC_OK;
	if (!rc)
		pm_connect_took(c, &c->hists.create, start);
	return rc;
}

/* Closed, or with reuse disconnected: the instance waits for the next one. */
static enum ipc_rc dismiss(struct pm_connect *c)
{
	pm_connect_detach(c);
	if (c->w->cell.config.io.reuse)
		return c->w->pairing.transport->renew(c->listener, &c->w->err);
	return IPC_OK;
}

/* A client and its message, of want bytes; *ticks: what accept took. */
static enum ipc_rc take_client(struct pm_connect *c, size_t want,
			       const void **data, int64_t *length,
			       uint64_t *ticks)
{
	struct pm_worker *w = c->w;
	struct ipc_link link = IPC_LINK_INIT;
	uint64_t start = ipc_ticks();
	struct ipc_end *from;
	enum ipc_rc rc = w->pairing.transport->accept(c->listener, &link,
						      &w->err);

	*ticks = ipc_ticks() - start;
	if (rc)
		return rc;
	c->has_next = false;
	rc = make_next(c, false);
	if (!rc)
		rc = pm_connect_attach(c, &link, want);
	ipc_link_close(&link);
	if (rc)
		return rc;
	*length = w->engine->next(w->hub, &from, data);
	if (*length >= 0)
		return IPC_OK;
	pm_run_next_failed(&w->run, from, *length);
	return failed(c);
}

enum ipc_rc pm_connect_greet_clients(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	const struct ipc_opts *opts = &w->cell.config.io;
	uint64_t start = ipc_ticks(), ticks;
	const void *data;
	int64_t length;
	enum ipc_rc rc = w->pairing.transport->listen(
		w->link_spec, opts, w->pairing.consumer_needs, &c->listener,
		&w->err);

	if (rc)
		return rc;
	pm_connect_took(c, &c->hists.create, start);
	c->clients = calloc(opts->clients, sizeof(*c->clients));
	if (!c->clients)
		return ipc_refuse(&w->err, IPC_NOMEM, "calloc", "clients");
	for (uint64_t i = 0; !rc && i < opts->clients; i++) {
		rc = take_client(c, sizeof(struct pm_hello), &data, &length,
				 &ticks);
		if (!rc && pm_worker_read_hello(w, data, length))
			rc = failed(c);
		if (!rc)
			rc = dismiss(c);
		if (!rc)
			rc = make_next(c, true);
	}
	return rc;
}

/* A client's own sequence has no holes and no repetitions. */
static void check(struct pm_connect *c, struct pm_client *client,
		  const void *data, size_t length, uint64_t seq, uint64_t n)
{
	struct pm_run *run = &c->w->run;

	if (n > client->messages)
		run->integrity.lost += n - client->messages;
	if (n < client->messages)
		run->integrity.repeated++;
	if (length != run->size ||
	    (run->verify && !pm_msg_payload_ok(data, length, seq)))
		run->integrity.corrupt++;
}

static struct pm_client *client_of(struct pm_connect *c, uint64_t seq)
{
	uint64_t number = (seq & ~PM_CLOSING) >> PM_CLIENT_SHIFT;

	if (number < c->w->cell.config.io.clients)
		return &c->clients[number];
	ipc_refusef(&c->w->err, IPC_CORRUPT, "connect", "a message of client %"
		    PRIu64 ", who is nobody", number);
	return NULL;
}

static enum ipc_rc take_closing(struct pm_connect *c, struct pm_client *client,
				uint64_t count)
{
	c->closed++;
	if (count == client->messages)
		return IPC_OK;
	return ipc_refusef(&c->w->err, IPC_CORRUPT, "closing message",
			   "client %u sent %" PRIu64 " messages, %" PRIu64
			   " came", (unsigned)(client - c->clients), count,
			   client->messages);
}

/* data is lent by the end: looked at before the client is dismissed. */
static enum ipc_rc take_message(struct pm_connect *c, const struct pm_msg *msg,
				int64_t length, uint64_t now, bool *closing)
{
	struct pm_run *run = &c->w->run;
	uint64_t n = msg->seq & ((UINT64_C(1) << PM_CLIENT_SHIFT) - 1);
	struct pm_client *client;

	*closing = false;
	if (length < (int64_t)sizeof(*msg))
		return ipc_refusef(&c->w->err, IPC_CORRUPT, "connect",
				   "a message of %lld bytes",
				   (long long)length);
	client = client_of(c, msg->seq);
	*closing = msg->seq & PM_CLOSING;
	if (!client)
		return c->w->err.rc;
	if (*closing)
		return take_closing(c, client, n);
	check(c, client, msg, (size_t)length, msg->seq, n);
	if (now > msg->stamp_ticks)
		pm_hist_record(&c->hists.first_message,
			       ipc_ns(&run->clock, now - msg->stamp_ticks));
	client->last_ns = ipc_ns(&run->clock, now - c->w->plan.start_ticks);
	if (!client->messages++)
		client->first_ns = client->last_ns;
	client->bytes += (uint64_t)length;
	run->seq++;
	run->bytes += (uint64_t)length;
	return IPC_OK;
}

/*
 * Who called waits for it.  What a client that is disconnected has not read is
 * lost; of one that is closed it stays.
 */
static enum ipc_rc answer(struct pm_connect *c, uint64_t seq)
{
	struct pm_worker *w = c->w;
	enum ipc_rc rc = pm_connect_say(c, seq, false);

	if (rc || !w->cell.config.io.reuse)
		return rc;
	rc = ipc_link_drain(&w->end->link, 0, &w->err);
	return rc == IPC_GONE ? IPC_OK : rc; /* it has read, and left */
}

static enum ipc_rc serve_one(struct pm_connect *c)
{
	struct pm_worker *w = c->w;
	uint64_t accepting, now, start;
	const void *data;
	int64_t length;
	bool closing;
	enum ipc_rc rc = take_client(c, w->run.size, &data, &length,
				     &accepting);

	now = ipc_ticks();
	if (rc)
		return rc;
	if (!w->plan.start_ticks) {
		w->plan.start_ticks = now;
		pm_series_start(w->plan.series, &w->run, now);
	}
	rc = take_message(c, data, length, now, &closing);
	if (!rc && pm_connect_calls(c))
		rc = answer(c, ((const struct pm_msg *)data)->seq & ~PM_CLOSING);
	if (rc)
		return rc;
	pm_series_step(w->plan.series, &w->run, now);
	w->plan.end_ticks = now;
	start = ipc_ticks();
	rc = dismiss(c);
	if (!closing) {
		pm_hist_record(&c->hists.accept,
			       ipc_ns(&w->run.clock, accepting));
		pm_connect_took(c, &c->hists.close, start);
	}
	return rc ? rc : make_next(c, true);
}

/* Until every client has said its closing message. */
enum ipc_rc pm_connect_serve(struct pm_connect *c)
{
	unsigned clients = (unsigned)c->w->cell.config.io.clients;
	enum ipc_rc rc = IPC_OK;

	c->closed = 0;
	c->w->plan.start_ticks = c->w->plan.end_ticks = 0;
	for (unsigned i = 0; i < clients; i++)
		c->clients[i] = (struct pm_client){ .messages = 0 };
	while (!rc && c->closed < clients)
		rc = serve_one(c);
	return rc;
}
