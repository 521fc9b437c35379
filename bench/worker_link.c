/* How an end gets its link, and the first message on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/worker.h"

/* Seen from the server: who serves is the consumer, except with outbound. */
bool pm_worker_serves(const struct pm_worker *w)
{
	bool outbound =
		w->cell.config.io.direction == IPC_DIRECTION_OUTBOUND;

	return (w->role == PM_CONSUMER) != outbound;
}

static enum ipc_rc adopt_std(struct pm_worker *w)
{
	bool receives = w->role == PM_CONSUMER || w->duplex;
	bool sends = w->role == PM_PRODUCER || w->duplex;

	return ipc_link_adopt(receives ? ipc_std_handle(0) : IPC_NO_HANDLE,
			      sends ? ipc_std_handle(1) : IPC_NO_HANDLE,
			      &w->link, &w->err);
}

/* "-1" is a handle that this end does not have. */
static enum ipc_rc parse_handle(const char *text, ipc_handle *out)
{
	*out = IPC_NO_HANDLE;
	return strcmp(text, "-1") ? ipc_handle_parse(text, out) : IPC_OK;
}

static enum ipc_rc adopt_handles(struct pm_worker *w, const char *text)
{
	ipc_handle handles[2];
	char one[32];
	const char *comma = strchr(text, ',');

	if (!comma)
		return ipc_refuse(&w->err, IPC_INVALID, "--link", text);
	snprintf(one, sizeof(one), "%.*s", (int)(comma - text), text);
	if (parse_handle(one, &handles[0]) ||
	    parse_handle(comma + 1, &handles[1]))
		return ipc_refuse(&w->err, IPC_INVALID, "--link", text);
	return ipc_link_adopt(handles[0], handles[1], &w->link, &w->err);
}

static enum ipc_rc serve(struct pm_worker *w, unsigned needs,
			 struct ipc_link *links)
{
	const struct ipc_transport *t = w->pairing.transport;
	struct ipc_listener *listener = NULL;
	enum ipc_rc rc = t->listen(w->link_spec, &w->cell.config.io, needs,
				   &listener, &w->err);

	for (unsigned i = 0; !rc && i < w->links; i++)
		rc = t->accept(listener, &links[i], &w->err);
	t->unlisten(listener);
	return rc;
}

/* Windows' own answer to "default", unless the server has said another. */
enum { DEFAULT_WAIT_NS = 50000000 };
#define START_NS UINT64_C(10000000000) /* for a server that starts beside us */

static uint64_t wait_ns(const struct ipc_opts *opts)
{
	return opts->wait == IPC_WAIT_NONE      ? 0
	       : opts->wait == IPC_WAIT_FOREVER ? UINT64_MAX
	       : opts->wait != IPC_WAIT_DEFAULT ? opts->wait
	       : opts->default_timeout          ? opts->default_timeout
						: DEFAULT_WAIT_NS;
}

/*
 * How long to try again.  The runner starts both programs at once: there a
 * server that is not there yet is no server that is missing.
 */
static uint64_t limit_of(const struct pm_worker *w, enum ipc_rc rc)
{
	uint64_t limit = wait_ns(&w->cell.config.io);

	return rc == IPC_NOT_FOUND && w->control && limit < START_NS ? START_NS
								     : limit;
}

/* Busy: the system may know when to try again.  It is a hint in any case. */
static void pause_before(struct pm_worker *w, enum ipc_rc rc, uint64_t left,
			 uint64_t *pause)
{
	const struct ipc_opts *opts = &w->cell.config.io;
	const struct ipc_transport *t = w->pairing.transport;

	if (rc == IPC_BUSY && t->wait) {
		t->wait(w->link_spec, opts,
			opts->wait == IPC_WAIT_DEFAULT ? 0 : left, &w->err);
		return;
	}
	ipc_sleep_ns(*pause);
	*pause = *pause < 1000000 ? *pause * 2 : *pause;
}

static unsigned needs_of(const struct pm_worker *w)
{
	return w->role == PM_PRODUCER ? w->pairing.producer_needs
				      : w->pairing.consumer_needs;
}

/* A server that is not there yet, or busy, is tried again until wait is over. */
enum ipc_rc pm_worker_persist(struct pm_worker *w, pm_attempt *attempt,
			      void *arg)
{
	uint64_t start = ipc_now_ns(), pause = 20000;
	enum ipc_rc rc;

	for (;;) {
		uint64_t limit, passed;

		rc = attempt(w, arg);
		if (rc != IPC_NOT_FOUND && rc != IPC_BUSY)
			return rc;
		w->again++;
		w->busy += rc == IPC_BUSY;
		limit = limit_of(w, rc);
		passed = ipc_now_ns() - start;
		if (passed < limit) {
			pause_before(w, rc, limit - passed, &pause);
			continue;
		}
		if (limit)
			w->err.rc = IPC_TIMEOUT;
		return w->err.rc;
	}
}

static enum ipc_rc connect_once(struct pm_worker *w, void *link)
{
	return w->pairing.transport->connect(w->link_spec, &w->cell.config.io,
					     needs_of(w), link, &w->err);
}

enum ipc_rc pm_worker_connect(struct pm_worker *w, struct ipc_link *link)
{
	return pm_worker_persist(w, connect_once, link);
}

enum ipc_rc pm_worker_links(struct pm_worker *w, struct ipc_link *links)
{
	enum ipc_rc rc = IPC_OK;

	if (!w->pairing.transport->listen)
		return ipc_refusef(&w->err, IPC_UNSUPPORTED, "--link",
				   "%s has no name; a named transport does, or "
				   "write --link -", w->pairing.transport->name);
	if (pm_worker_serves(w))
		return serve(w, needs_of(w), links);
	for (unsigned i = 0; !rc && i < w->links; i++)
		rc = pm_worker_connect(w, &links[i]);
	return rc;
}

static enum ipc_rc open_link(struct pm_worker *w)
{
	w->took_link = true;
	if (w->null)
		return IPC_OK;
	if (!strcmp(w->link_spec, "-"))
		return adopt_std(w);
	if (!strncmp(w->link_spec, "handles:", 8))
		return adopt_handles(w, w->link_spec + 8);
	return pm_worker_links(w, &w->link);
}

enum ipc_rc pm_worker_check(struct pm_worker *w, const struct ipc_link *link)
{
	unsigned lacks = w->engine->needs & ~link->caps;

	if (w->null || !lacks)
		return IPC_OK;
	return ipc_refusef(&w->err, IPC_UNSUPPORTED, w->engine->name,
			   "cannot drive %s (lacks 0x%x)",
			   link->name[0] ? link->name : "this link", lacks);
}

/*
 * What the buffer that this end receives from, or the only one, was asked to
 * be.  Handles that a shell handed over were made by somebody else.
 */
uint64_t pm_worker_asked(const struct pm_worker *w)
{
	const struct ipc_opts *io = &w->cell.config.io;
	bool server_reads = w->duplex ? pm_worker_serves(w)
			    : io->direction != IPC_DIRECTION_OUTBOUND;

	if (w->null || (!w->control && !strcmp(w->link_spec, "-")))
		return IPC_BUFFER_OS;
	return server_reads ? io->in_buffer : io->out_buffer;
}

enum ipc_rc pm_worker_open(struct pm_worker *w)
{
	struct ipc_opts *opts = &w->cell.config.io;
	enum ipc_rc rc = IPC_OK;

	if (w->link.rd == IPC_NO_HANDLE && w->link.wr == IPC_NO_HANDLE)
		rc = open_link(w);
	if (!rc)
		rc = pm_worker_check(w, &w->link);
	if (rc)
		return rc;
	w->asked_bytes = pm_worker_asked(w);
	w->effective_bytes = w->link.effective_bytes;
	rc = w->engine->open(opts, 1, &w->hub, &w->err);
	if (!rc)
		rc = w->engine->attach(w->hub, &w->link, NULL, &w->end,
				       &w->err);
	return rc;
}

/* What both ends must agree on, whoever started them. */
static uint64_t agreement(const struct pm_worker *w)
{
	static const char *const both[] = {
		"workload", "message", "message-min", "reply", "verify",
		"mode", NULL
	};
	struct pm_cell cell;

	pm_cell_init(&cell);
	for (size_t i = 0; both[i]; i++)
		pm_knob_copy(pm_knob_find(both[i]), &cell.config,
			     &w->cell.config);
	cell.config.io.size = 0;
	return pm_config_digest(&cell.config);
}

enum ipc_rc pm_worker_say_hello(struct pm_worker *w, struct ipc_end *end,
				unsigned client)
{
	struct pm_hello hello = { PM_MAGIC, PM_PROTOCOL, w->token + client,
				  agreement(w) };
	void *data = w->engine->reserve(end);

	if (!data)
		return pm_run_failed(&w->run, &end->err);
	memcpy(data, &hello, sizeof(hello));
	if (w->engine->commit(end, sizeof(hello), 0) ||
	    w->engine->flush(end))
		return pm_run_failed(&w->run, &end->err);
	return IPC_OK;
}

/* A client says who it is by what it adds to the token. */
enum ipc_rc pm_worker_read_hello(struct pm_worker *w, const void *data,
				 int64_t length)
{
	struct pm_hello hello;

	if (length != sizeof(hello))
		return ipc_refusef(&w->run.err, IPC_CORRUPT, "hello",
				   "%lld bytes came instead of %u; is the "
				   "other side a pipemark-producer?",
				   (long long)length, (unsigned)sizeof(hello));
	memcpy(&hello, data, sizeof(hello));
	if (hello.magic != PM_MAGIC)
		return ipc_refuse(&w->run.err, IPC_CORRUPT, "hello",
				  "the other side is no pipemark-producer "
				  "(--peer foreign takes anybody)");
	if (hello.protocol != PM_PROTOCOL)
		return ipc_refusef(&w->run.err, IPC_UNSUPPORTED, "hello",
				   "the producer speaks protocol %llu, this "
				   "program %u; use one version of both",
				   (unsigned long long)hello.protocol,
				   (unsigned)PM_PROTOCOL);
	if (hello.token - w->token >= w->cell.config.io.clients)
		return ipc_refuse(&w->run.err, IPC_DENIED, "hello",
				  "a stranger is on the pipe (wrong token)");
	if (hello.digest != agreement(w))
		return ipc_refuse(&w->run.err, IPC_INVALID, "hello",
				  "the two ends were started with different "
				  "message, message-min, reply, workload, mode "
				  "or verify");
	w->client = (unsigned)(hello.token - w->token);
	return IPC_OK;
}

static enum ipc_rc hear_hello(struct pm_worker *w)
{
	struct ipc_end *from;
	const void *data;
	int64_t length;

	w->end->want = sizeof(struct pm_hello);
	length = w->engine->next(w->hub, &from, &data);
	if (length < 0)
		return pm_run_next_failed(&w->run, from, length);
	return pm_worker_read_hello(w, data, length);
}

void pm_worker_wants(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	size_t want = w->role == PM_PRODUCER ? c->reply : c->message;

	w->run.end = w->end;
	w->run.hub = w->hub;
	w->end->want = want ? want : 1;
}

static enum ipc_rc exchange_hello(struct pm_worker *w)
{
	enum ipc_rc rc;

	if (w->null || w->foreign || w->opaque)
		return IPC_OK;
	rc = w->role == PM_PRODUCER
		     ? pm_worker_say_hello(w, w->end, w->first)
		     : hear_hello(w);
	if (rc)
		w->err = w->run.err;
	else if (w->cell.config.io.impersonate && pm_worker_serves(w))
		rc = ipc_link_peer(&w->end->link, w->peer, sizeof(w->peer),
				   &w->err);
	return rc;
}

enum ipc_rc pm_worker_hello(struct pm_worker *w)
{
	enum ipc_rc rc = exchange_hello(w);

	pm_worker_wants(w);
	return rc;
}

void pm_worker_close(struct pm_worker *w)
{
	if (w->hub && w->hub->how[0])
		memcpy(w->how, w->hub->how, sizeof(w->how));
	if (w->end)
		w->engine->detach(w->end);
	if (w->hub)
		w->engine->close(w->hub);
	w->end = NULL;
	w->hub = NULL;
	ipc_link_close(&w->link);
}
