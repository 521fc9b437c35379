/* How an end gets its link, and the first message on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/worker.h"

/* Seen from the server: who serves is the consumer, except with outbound. */
static bool is_server(const struct pm_worker *w)
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

static enum ipc_rc serve(struct pm_worker *w, unsigned needs)
{
	const struct ipc_transport *t = w->pairing.transport;
	struct ipc_listener *listener = NULL;
	enum ipc_rc rc = t->listen(w->link_spec, &w->cell.config.io, needs,
				   &listener, &w->err);

	if (!rc)
		rc = t->accept(listener, &w->link, &w->err);
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

/* A server that is not there yet, or busy, is tried again until wait is over. */
static enum ipc_rc connect_to(struct pm_worker *w, unsigned needs)
{
	const struct ipc_transport *t = w->pairing.transport;
	uint64_t start = ipc_now_ns(), pause = 20000;
	enum ipc_rc rc;

	for (;;) {
		uint64_t limit, passed;

		rc = t->connect(w->link_spec, &w->cell.config.io, needs,
				&w->link, &w->err);
		if (rc != IPC_NOT_FOUND && rc != IPC_BUSY)
			return rc;
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

static enum ipc_rc open_link(struct pm_worker *w)
{
	unsigned needs = w->role == PM_PRODUCER ? w->pairing.producer_needs
						: w->pairing.consumer_needs;

	if (w->null)
		return IPC_OK;
	if (!strcmp(w->link_spec, "-"))
		return adopt_std(w);
	if (!strncmp(w->link_spec, "handles:", 8))
		return adopt_handles(w, w->link_spec + 8);
	if (!w->pairing.transport->listen)
		return ipc_refusef(&w->err, IPC_UNSUPPORTED, "--link",
				   "%s has no name; a named transport does, or "
				   "write --link -", w->pairing.transport->name);
	return is_server(w) ? serve(w, needs) : connect_to(w, needs);
}

static enum ipc_rc check_caps(struct pm_worker *w)
{
	unsigned lacks = w->engine->needs & ~w->link.caps;

	if (w->null || !lacks)
		return IPC_OK;
	return ipc_refusef(&w->err, IPC_UNSUPPORTED, w->engine->name,
			   "cannot drive %s (lacks 0x%x)",
			   w->link.name[0] ? w->link.name : "this link", lacks);
}

/*
 * What the buffer that this end receives from, or the only one, was asked to
 * be.  Handles that a shell handed over were made by somebody else.
 */
static uint64_t asked_bytes(const struct pm_worker *w)
{
	const struct ipc_opts *io = &w->cell.config.io;
	bool server_reads = w->duplex ? is_server(w)
			    : io->direction != IPC_DIRECTION_OUTBOUND;

	if (w->null || (!w->control && !strcmp(w->link_spec, "-")))
		return IPC_BUFFER_OS;
	return server_reads ? io->in_buffer : io->out_buffer;
}

enum ipc_rc pm_worker_open(struct pm_worker *w)
{
	struct ipc_opts *opts = &w->cell.config.io;
	enum ipc_rc rc = open_link(w);

	if (!rc)
		rc = check_caps(w);
	if (rc)
		return rc;
	w->asked_bytes = asked_bytes(w);
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

static enum ipc_rc say_hello(struct pm_worker *w)
{
	struct pm_hello hello = { PM_MAGIC, PM_PROTOCOL, w->token,
				  agreement(w) };
	void *data = w->engine->reserve(w->end);

	if (!data)
		return pm_run_failed(&w->run, &w->end->err);
	memcpy(data, &hello, sizeof(hello));
	if (w->engine->commit(w->end, sizeof(hello), 0) ||
	    w->engine->flush(w->end))
		return pm_run_failed(&w->run, &w->end->err);
	return IPC_OK;
}

static enum ipc_rc hear_hello(struct pm_worker *w)
{
	struct pm_hello hello;
	struct ipc_end *from;
	const void *data;
	int64_t length;

	w->end->want = sizeof(hello);
	length = w->engine->next(w->hub, &from, &data);
	if (length < 0)
		return pm_run_next_failed(&w->run, from, length);
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
	if (hello.token != w->token)
		return ipc_refuse(&w->run.err, IPC_DENIED, "hello",
				  "a stranger is on the pipe (wrong token)");
	if (hello.digest != agreement(w))
		return ipc_refuse(&w->run.err, IPC_INVALID, "hello",
				  "the two ends were started with different "
				  "message, message-min, reply, workload, mode "
				  "or verify");
	return IPC_OK;
}

enum ipc_rc pm_worker_hello(struct pm_worker *w)
{
	enum ipc_rc rc;

	if (w->null || w->foreign)
		return IPC_OK;
	rc = w->role == PM_PRODUCER ? say_hello(w) : hear_hello(w);
	if (rc)
		w->err = w->run.err;
	else if (w->cell.config.io.impersonate && is_server(w))
		rc = ipc_link_peer(&w->end->link, w->peer, sizeof(w->peer),
				   &w->err);
	return rc;
}

void pm_worker_close(struct pm_worker *w)
{
	if (w->end)
		w->engine->detach(w->end);
	if (w->hub)
		w->engine->close(w->hub);
	w->end = NULL;
	w->hub = NULL;
	ipc_link_close(&w->link);
}
