#include "tests/support/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/sys.h"
#include "tests/support/peer_child.h"
#include "tests/support/emulated.h"
#include "tests/support/tap.h"

const struct ipc_transport *peer_transport(size_t i)
{
	for (const struct ipc_named_transport *row = ipc_transports; row->name;
	     row++)
		if (row->it && !i--)
			return row->it;
	return NULL;
}

const struct ipc_engine *peer_engine(size_t i)
{
	for (const struct ipc_named_engine *row = ipc_engines; row->name; row++)
		if (row->it && !(row->it->gives & IPC_CAP_NO_LINK) && !i--)
			return row->it;
	return NULL;
}

size_t peer_modes(const struct ipc_transport *it, bool modes[2])
{
	size_t count = 0;

	if (it->gives & IPC_CAP_STREAM)
		modes[count++] = false;
	if (it->gives & IPC_CAP_MESSAGE)
		modes[count++] = true;
	return count;
}

void peer_opts(const struct peer_case *of, struct ipc_opts *opts)
{
	const struct ipc_named_transport *row = ipc_find_transport(of->transport);
	size_t largest = of->reply > of->size ? of->reply : of->size;

	memset(opts, 0, sizeof(*opts));
	snprintf(opts->transport, sizeof(opts->transport), "%s", of->transport);
	if (row && row->it && row->it->listen)
		opts->kind = IPC_KIND_NAMED;
	opts->mode = of->message ? IPC_MODE_MESSAGE : IPC_MODE_BYTE;
	opts->read_mode = opts->mode;
	snprintf(opts->producer_io, sizeof(opts->producer_io), "%s",
		 of->producer);
	snprintf(opts->consumer_io, sizeof(opts->consumer_io), "%s",
		 of->consumer);
	opts->buffer = of->buffer ? of->buffer : 65536;
	opts->in_buffer = opts->out_buffer = opts->buffer;
	opts->slots = of->slots ? of->slots : IPC_SLOTS_AUTO;
	opts->read_size = of->read_size;
	opts->collect = of->collect;
	opts->depth = of->depth ? of->depth : 1;
	opts->batch = of->batch ? of->batch : 1;
	opts->read_buffer = of->read_buffer;
	opts->skip_on_success = !of->packets;
	opts->poll = IPC_POLL_YIELD;
	opts->wait = 10000000000u;
	opts->clients = 1;
	opts->instances = IPC_INSTANCES_UNLIMITED;
	opts->sqos = IPC_SQOS_IDENTIFICATION;
	snprintf(opts->security, sizeof(opts->security), "private");
	snprintf(opts->host, sizeof(opts->host), ".");
	opts->size = largest ? largest : 1;
	opts->empties = of->smallest == 0;
	peer_more_opts(opts);
}

enum ipc_rc peer_resolve(const struct peer_case *of,
			 struct ipc_pairing *pairing, struct ipc_err *err)
{
	struct ipc_opts opts;
	struct ipc_err mine = { .rc = IPC_OK };
	enum ipc_rc rc;

	peer_opts(of, &opts);
	err = err ? err : &mine;
	rc = ipc_resolve(&opts, of->duplex, of->smallest, opts.size, pairing,
			 err);
	if (!rc && (pairing->consumer->gives & IPC_CAP_OPAQUE ||
		    (of->duplex && pairing->producer->gives & IPC_CAP_OPAQUE)))
		rc = ipc_refuse(err, IPC_UNSUPPORTED, "peer",
				"what it receives cannot be checked");
	return rc;
}

static bool failed(struct peer *p, const char *doing)
{
	char text[400];

	tap_note("%s %s->%s, size %zu: %s: %s", p->of.transport, p->of.producer,
		 p->of.consumer, p->of.size, doing,
		 ipc_err_text(&p->err, text, sizeof(text)));
	return false;
}

bool peer_attach(struct peer *p, const struct ipc_engine *engine)
{
	if (engine->open(&p->opts, 1, &p->hub, &p->err))
		return failed(p, "open");
	if (engine->attach(p->hub, &p->link, p, &p->end, &p->err))
		return failed(p, "attach");
	return true;
}

static void peer_zero(struct peer *p, const struct peer_case *of)
{
	memset(p, 0, sizeof(*p));
	p->of = *of;
	p->link = (struct ipc_link)IPC_LINK_INIT;
	peer_opts(of, &p->opts);
}

/* A server that is not there yet is tried again. */
bool peer_connect(struct peer *p, unsigned needs)
{
	const struct ipc_transport *t = p->pairing.transport;
	uint64_t until = ipc_now_ns() + 20000000000u;
	enum ipc_rc rc;

	do
		rc = t->connect(p->name, &p->opts, needs, &p->link, &p->err);
	while ((rc == IPC_NOT_FOUND || rc == IPC_BUSY) &&
	       ipc_now_ns() < until && (ipc_sleep_ns(20000), true));
	return rc ? failed(p, "connect") : true;
}

bool peer_serve(struct peer *p, unsigned needs)
{
	const struct ipc_transport *t = p->pairing.transport;
	struct ipc_listener *listener = NULL;
	enum ipc_rc rc = t->listen(p->name, &p->opts, needs, &listener, &p->err);

	if (!rc)
		rc = t->accept(listener, &p->link, &p->err);
	t->unlisten(listener);
	return rc ? failed(p, "serve") : true;
}

static bool spawn(struct peer *p, enum peer_script script,
		  struct ipc_link *theirs)
{
	char args[PEER_ARGS][64], path[1024];
	const char *argv[PEER_ARGS + 1];
	ipc_handle handles[4], *inherit = handles;
	struct ipc_spawn how = { .path = path, .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = ipc_std_handle(2), /* its notes */
				 .std_err = IPC_NO_HANDLE,
				 .inherit = handles, .inherit_count = 2,
				 .prefix = test_prefix() };
	enum ipc_rc rc;

	if (!peer_program(path, sizeof(path), &p->err))
		return failed(p, "find this program");
	if (ipc_channel_pair(&p->channel, handles, &p->err))
		return failed(p, "channel");
	if (theirs->rd != IPC_NO_HANDLE)
		inherit[how.inherit_count++] = theirs->rd;
	if (theirs->wr != IPC_NO_HANDLE && theirs->wr != theirs->rd)
		inherit[how.inherit_count++] = theirs->wr;
	peer_print(&p->of, script, handles, theirs, p->name, args);
	for (size_t i = 0; i < PEER_ARGS; i++)
		argv[i] = args[i];
	argv[0] = path;
	argv[PEER_ARGS] = NULL;
	rc = ipc_spawn(&how, &p->child, &p->err);
	ipc_handle_close(handles[0]);
	ipc_handle_close(handles[1]);
	ipc_link_close(theirs); /* the child has its own */
	return rc ? failed(p, "spawn") : true;
}

static bool start_other(struct peer *p, enum peer_script script,
			struct ipc_link *theirs)
{
	if (!p->of.threaded)
		return spawn(p, script, theirs);
	return peer_thread_start(p, script, theirs) || failed(p, "thread");
}

static bool child_receives(enum peer_script script)
{
	return script == PEER_RECEIVE || script == PEER_RECEIVE_HANG ||
	       script == PEER_ECHO;
}

bool peer_start_link(struct peer *p, const struct peer_case *of,
		     enum peer_script script)
{
	struct ipc_link near = IPC_LINK_INIT, far = IPC_LINK_INIT;
	bool theirs_is_near = child_receives(script);
	const struct ipc_transport *t;
	unsigned mine;

	peer_zero(p, of);
	if (peer_resolve(of, &p->pairing, &p->err))
		return failed(p, "resolve");
	t = p->pairing.transport;
	mine = theirs_is_near ? p->pairing.producer_needs
			      : p->pairing.consumer_needs;
	if (t->pair) {
		if (t->pair(&p->opts, p->pairing.consumer_needs,
			    p->pairing.producer_needs, &near, &far, &p->err))
			return failed(p, "pair");
		p->link = theirs_is_near ? far : near;
		if (!start_other(p, script, theirs_is_near ? &near : &far))
			return false;
	} else {
		if (ipc_name_new(p->name, sizeof(p->name), &p->err))
			return failed(p, "name");
		if (!start_other(p, script, &far))
			return false;
		if (script == PEER_LISTEN_HANG)
			return true;
		if (theirs_is_near ? !peer_connect(p, mine)
				   : !peer_serve(p, mine))
			return false;
	}
	return true;
}

bool peer_start(struct peer *p, const struct peer_case *of,
		enum peer_script script)
{
	if (!peer_start_link(p, of, script))
		return false;
	return script == PEER_LISTEN_HANG ||
	       peer_attach(p, child_receives(script) ? p->pairing.producer
						     : p->pairing.consumer);
}

static void drop_side(struct peer *p)
{
	if (p->hub)
		p->hub->engine->close(p->hub);
	p->hub = NULL;
	p->end = NULL;
	ipc_link_close(&p->link);
}

bool peer_stop(struct peer *p)
{
	struct ipc_exit how = { .code = p->thread ? 0 : 1 };
	bool ended = true;

	drop_side(p);
	while (p->killing) /* the thread has p, and the child */
		ipc_sleep_ns(100000);
	if (p->child.id && !p->child.reaped) {
		ended = !ipc_proc_wait(&p->child, 30000000000u, &how, &p->err);
		ipc_proc_kill(&p->child);
		if (!ended || how.killed || how.code)
			tap_note("the child %s with %d",
				 how.killed ? "was killed" : "ended", how.code);
	}
	ended = peer_thread_stop(p) && ended;
	ipc_channel_close(&p->channel);
	if (p->name[0])
		ipc_name_sweep(p->name);
	return ended && !how.killed && !how.code;
}

bool pair_links(struct pair *pair, const struct peer_case *of)
{
	struct peer *near = &pair->near, *far = &pair->far;
	struct ipc_listener *listener = NULL;
	const struct ipc_transport *t;
	enum ipc_rc rc;

	peer_zero(near, of);
	peer_zero(far, of);
	if (peer_resolve(of, &near->pairing, &near->err))
		return failed(near, "resolve");
	far->pairing = near->pairing;
	t = near->pairing.transport;
	if (t->pair) {
		if (t->pair(&near->opts, near->pairing.consumer_needs,
			    near->pairing.producer_needs, &near->link,
			    &far->link, &near->err))
			return failed(near, "pair");
		return true;
	}
	if (ipc_name_new(near->name, sizeof(near->name), &near->err))
		return failed(near, "name");
	memcpy(far->name, near->name, sizeof(far->name));
	rc = t->listen(near->name, &near->opts, near->pairing.consumer_needs,
		       &listener, &near->err);
	if (!rc && !peer_connect(far, far->pairing.producer_needs))
		rc = IPC_OS;
	if (!rc)
		rc = t->accept(listener, &near->link, &near->err);
	t->unlisten(listener);
	return rc ? failed(near, "listen and accept") : true;
}

bool pair_open(struct pair *pair, const struct peer_case *of)
{
	return pair_links(pair, of) &&
	       peer_attach(&pair->near, pair->near.pairing.consumer) &&
	       peer_attach(&pair->far, pair->far.pairing.producer);
}

void pair_close(struct pair *pair)
{
	drop_side(&pair->far);
	drop_side(&pair->near);
}

bool peer_await_hanging(struct peer *p)
{
	char *line;

	if (ipc_channel_line(&p->channel, 20000000000u, &line, &p->err))
		return failed(p, "await the child");
	return strcmp(line, "hanging") == 0;
}

static void kill_when_hanging(void *arg)
{
	struct peer *p = arg;

	peer_await_hanging(p);
	ipc_proc_kill(&p->child);
	p->killing = false;
}

bool peer_kill_when_hanging(struct peer *p)
{
	p->killing = true;
	if (!ipc_thread_start(kill_when_hanging, p, &p->err))
		return true;
	p->killing = false;
	return false;
}

/* SplitMix64: one step is enough to look random. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

size_t peer_length(const struct peer_case *of, unsigned number)
{
	uint64_t range = of->size - of->smallest + 1;

	return of->smallest +
	       (size_t)(mix((uint64_t)of->seed << 32 | number) % range);
}

static unsigned char byte_of(size_t at, unsigned number, unsigned seed)
{
	return (unsigned char)(at * 7 + (at >> 8) * 13 + number * 131 + seed);
}

void peer_fill(void *data, size_t len, unsigned number, unsigned seed)
{
	unsigned char *to = data;

	for (size_t i = 0; i < len; i++)
		to[i] = byte_of(i, number, seed);
}

bool peer_right(const void *data, size_t len, unsigned number, unsigned seed)
{
	const unsigned char *from = data;

	for (size_t i = 0; i < len; i++)
		if (from[i] != byte_of(i, number, seed)) {
			tap_note("message %u is wrong from byte %zu of %zu",
				 number, i, len);
			return false;
		}
	return true;
}

bool peer_send(struct peer *p, unsigned first, unsigned count)
{
	const struct ipc_engine *io = p->hub->engine;

	for (unsigned i = first; i < first + count; i++) {
		size_t len = peer_length(&p->of, i);
		void *data = io->reserve(p->end);

		p->err = p->end->err;
		if (!data)
			return failed(p, "reserve");
		peer_fill(data, len, i, p->of.seed);
		if (io->commit(p->end, len,
			       i + 1 < first + count ? IPC_MORE : 0)) {
			p->err = p->end->err;
			return failed(p, "commit");
		}
	}
	if (io->flush(p->end)) {
		p->err = p->end->err;
		return failed(p, "flush");
	}
	return true;
}

bool peer_receive(struct peer *p, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		size_t len = peer_length(&p->of, i);
		struct ipc_end *from;
		const void *data;
		int64_t got;

		p->end->want = len;
		got = p->hub->engine->next(p->hub, &from, &data);
		if (got < 0) {
			p->err = from ? from->err : p->hub->err;
			return failed(p, "next");
		}
		if (from != p->end || from->user != p ||
		    got != (int64_t)len) {
			tap_note("message %u has %lld bytes, not %zu", i,
				 (long long)got, len);
			return false;
		}
		if (!peer_right(data, len, i, p->of.seed))
			return false;
	}
	return true;
}

bool peer_ended(struct peer *p, enum ipc_rc expected)
{
	struct ipc_end *from;
	const void *data;
	int64_t got = p->hub->engine->next(p->hub, &from, &data);

	p->end->want = p->of.size ? p->of.size : 1;
	if (got != expected || from != p->end) {
		p->err = from ? from->err : p->hub->err;
		tap_note("the end is %lld, expected %d (%s)", (long long)got,
			 expected, ipc_rc_name(expected));
		return got < 0 ? failed(p, "next") : false;
	}
	got = p->hub->engine->next(p->hub, &from, &data);
	if (got != IPC_INVALID || from) {
		tap_note("after the end comes %lld", (long long)got);
		return false;
	}
	return true;
}

bool peer_one_way(const struct peer_case *of)
{
	struct peer p;
	bool ok = peer_start(&p, of, PEER_SEND) &&
		  peer_receive(&p, 0, of->count) && peer_ended(&p, IPC_EOF);

	return peer_stop(&p) && ok;
}

bool peer_other_way(const struct peer_case *of)
{
	struct peer p;
	bool ok = peer_start(&p, of, PEER_RECEIVE) &&
		  peer_send(&p, 0, of->count);

	return peer_stop(&p) && ok;
}
