/* Transports that go by name: taken, missing, reused, left by the dead. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/peer.h"
#include "tests/support/tap.h"

struct named {
	struct peer_case            of;
	const struct ipc_transport *it;
	struct ipc_opts             opts;
	struct ipc_pairing          pairing;
	char                        name[64];
	struct ipc_err              err;
	atomic_bool                 stop; /* the thread sets it back */
	void                      (*meddle)(struct named *); /* in the thread */
};

static bool prepare(struct named *n, const struct ipc_transport *it)
{
	memset(n, 0, sizeof(*n));
	n->it = it;
	n->of = (struct peer_case){ .transport = it->name,
				    .producer = "blocking",
				    .consumer = "blocking",
				    .message = !(it->gives & IPC_CAP_STREAM),
				    .smallest = 64, .size = 64, .count = 3 };
	peer_opts(&n->of, &n->opts);
	return !peer_resolve(&n->of, &n->pairing, &n->err) &&
	       !ipc_name_new(n->name, sizeof(n->name), &n->err);
}

static enum ipc_rc listen_to(struct named *n, struct ipc_listener **listener)
{
	*listener = NULL;
	return n->it->listen(n->name, &n->opts, n->pairing.consumer_needs,
			     listener, &n->err);
}

static enum ipc_rc try_connect(struct named *n)
{
	struct ipc_link link = IPC_LINK_INIT;
	enum ipc_rc rc = n->it->connect(n->name, &n->opts,
					n->pairing.producer_needs, &link,
					&n->err);

	ipc_link_close(&link);
	return rc;
}

static bool missing(struct named *n)
{
	CHECK_EQ(try_connect(n), IPC_NOT_FOUND);
	CHECK(n->err.os_code && n->err.op && n->err.what[0]);
	ipc_name_sweep(n->name); /* harmless */
	return true;
}

static bool taken(struct named *n)
{
	struct ipc_listener *first, *second;
	enum ipc_rc rc, again;

	rc = listen_to(n, &first);
	again = rc ? IPC_OK : listen_to(n, &second);
	if (!again)
		n->it->unlisten(second);
	n->it->unlisten(first);
	CHECK_EQ(rc, IPC_OK);
	CHECK_EQ(again, IPC_BUSY);
	return true;
}

static bool reused(struct named *n)
{
	for (int i = 0; i < 3; i++) {
		struct ipc_listener *listener;

		CHECK_EQ(listen_to(n, &listener), IPC_OK);
		n->it->unlisten(listener);
		CHECK_EQ(try_connect(n), IPC_NOT_FOUND);
	}
	n->it->unlisten(NULL); /* fine */
	return true;
}

/* A sweeper must not take a living server's name away. */
static bool not_swept(struct named *n)
{
	struct ipc_listener *listener;
	enum ipc_rc rc = listen_to(n, &listener);

	CHECK_EQ(rc, IPC_OK);
	ipc_name_sweep(n->name);
	rc = try_connect(n);
	n->it->unlisten(listener);
	CHECK_EQ(rc, IPC_OK);
	return true;
}

static void meddle(void *arg)
{
	struct named *n = arg;
	struct named mine;

	memcpy(&mine, n, sizeof(mine));
	while (!n->stop)
		mine.meddle(&mine);
	n->stop = false;
}

/* One server after the other, while a thread does something all the time. */
static bool beside(struct named *n, void (*what)(struct named *),
		   enum ipc_rc (*serve)(struct named *), int times)
{
	enum ipc_rc rc = IPC_OK;
	int i;

	n->stop = false;
	n->meddle = what;
	CHECK_EQ(ipc_thread_start(meddle, n, &n->err), IPC_OK);
	for (i = 0; i < times && !rc; i++)
		rc = serve(n);
	n->stop = true;
	while (n->stop) /* n is on the stack */
		ipc_yield();
	tap_note("%d times", i);
	CHECK_EQ(rc, IPC_OK);
	return true;
}

static void knock(struct named *n)
{
	try_connect(n);
}

static enum ipc_rc only_listen(struct named *n)
{
	struct ipc_listener *listener;
	enum ipc_rc rc = listen_to(n, &listener);

	if (!rc)
		n->it->unlisten(listener);
	return rc;
}

/* A client that asks again and again is in nobody's way. */
static bool knocked_at(struct named *n)
{
	return beside(n, knock, only_listen, 300);
}

static void sweep(struct named *n)
{
	ipc_name_sweep(n->name);
}

static enum ipc_rc listen_and_be_found(struct named *n)
{
	struct ipc_listener *listener;
	enum ipc_rc rc = listen_to(n, &listener);

	if (rc)
		return rc == IPC_BUSY ? IPC_OK : rc; /* the broom is there */
	rc = try_connect(n);
	n->it->unlisten(listener);
	return rc;
}

/* Who sweeps after one server must not hit the next one of its name. */
static bool swept_at(struct named *n)
{
	return beside(n, sweep, listen_and_be_found, 1000);
}

static bool dead_server(struct named *n)
{
	struct ipc_listener *listener;
	enum ipc_rc rc = IPC_OS;
	struct peer p;
	bool ok = peer_start(&p, &n->of, PEER_LISTEN_HANG) &&
		  peer_await_hanging(&p);

	ipc_proc_kill(&p.child);
	memcpy(n->name, p.name, sizeof(n->name));
	if (ok)
		rc = try_connect(n);
	p.name[0] = '\0'; /* no sweep: the next server takes it over */
	peer_stop(&p);
	CHECK_EQ(rc, IPC_NOT_FOUND);
	CHECK_EQ(listen_to(n, &listener), IPC_OK);
	rc = try_connect(n);
	n->it->unlisten(listener);
	CHECK_EQ(rc, IPC_OK);
	return true;
}

/* Which way the link goes is seen from the server. */
static bool directed(struct named *n, unsigned direction, bool server_reads)
{
	struct ipc_link server = IPC_LINK_INIT, client = IPC_LINK_INIT;
	struct ipc_listener *listener;
	bool ok;

	n->opts.direction = direction;
	CHECK_EQ(listen_to(n, &listener), IPC_OK);
	ok = !n->it->connect(n->name, &n->opts, n->pairing.producer_needs,
			     &client, &n->err) &&
	     !n->it->accept(listener, &server, &n->err);
	n->it->unlisten(listener);
	ok = ok && (server.rd != IPC_NO_HANDLE) == server_reads &&
	     (server.wr != IPC_NO_HANDLE) == !server_reads &&
	     (client.rd != IPC_NO_HANDLE) == !server_reads &&
	     (client.wr != IPC_NO_HANDLE) == server_reads;
	ipc_link_close(&client);
	ipc_link_close(&server);
	CHECK(ok);
	return true;
}

static bool inbound(struct named *n)
{
	return directed(n, IPC_DIRECTION_INBOUND, true);
}

static bool outbound(struct named *n)
{
	return directed(n, IPC_DIRECTION_OUTBOUND, false);
}

static bool bad_names(struct named *n)
{
	static const char *const bad[] = { "", "a/b", "a\\b" };
	struct ipc_listener *listener;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(n->name, sizeof(n->name), "%s", bad[i]);
		CHECK_EQ(listen_to(n, &listener), IPC_INVALID);
		CHECK_EQ(try_connect(n), IPC_INVALID);
	}
	return true;
}

/* Buffers are what was asked for, or the system says what they became. */
static bool buffers(struct named *n)
{
	struct ipc_link server = IPC_LINK_INIT, client = IPC_LINK_INIT;
	struct ipc_listener *listener;
	size_t asked[2], effective[2];
	bool ok;

	n->opts.buffer = n->opts.in_buffer = n->opts.out_buffer = 8192;
	CHECK_EQ(listen_to(n, &listener), IPC_OK);
	ok = !n->it->connect(n->name, &n->opts, n->pairing.producer_needs,
			     &client, &n->err) &&
	     !n->it->accept(listener, &server, &n->err);
	n->it->unlisten(listener);
	asked[0] = server.asked_bytes;
	asked[1] = client.asked_bytes;
	effective[0] = server.effective_bytes;
	effective[1] = client.effective_bytes;
	ipc_link_close(&client);
	ipc_link_close(&server);
	CHECK(ok);
	CHECK(asked[0] == 8192 && asked[1] == 8192);
	CHECK(effective[0] >= 8192 && effective[0] == effective[1]);
	return true;
}

struct leaver {
	struct named    n;
	struct ipc_link server, client; /* of the one that leaves */
	struct ipc_link next;           /* the client that comes */
	enum ipc_rc     rc;
	struct ipc_sem *done;
};

static void leave_and_come(void *arg)
{
	struct leaver *l = arg;
	struct named *n = &l->n;

	ipc_link_close(&l->server);
	ipc_link_close(&l->client);
	do
		l->rc = n->it->connect(n->name, &n->opts,
				       n->pairing.producer_needs, &l->next,
				       &n->err);
	while (l->rc == IPC_NOT_FOUND || l->rc == IPC_BUSY);
	ipc_sem_post(l->done);
}

/*
 * All instances are in use when the server asks for the next client, and one
 * is let go only then.  Either may be faster: it is tried many times.
 */
static bool one_leaves(struct leaver *l, struct ipc_listener *listener)
{
	struct ipc_link served = IPC_LINK_INIT;
	struct ipc_err err;
	enum ipc_rc rc;

	CHECK_EQ(ipc_thread_start(leave_and_come, l, &err), IPC_OK);
	rc = l->n.it->accept(listener, &served, &err);
	CHECK_EQ(rc, IPC_OK); /* else the thread knocks in vain */
	ipc_sem_wait(l->done);
	l->server = served;
	l->client = l->next;
	l->next = (struct ipc_link)IPC_LINK_INIT;
	CHECK_EQ(l->rc, IPC_OK);
	return true;
}

static bool patient(struct named *n)
{
	static struct leaver l; /* a thread may outlive a failure */
	struct ipc_listener *listener;
	bool ok = true;

	l = (struct leaver){ .server = IPC_LINK_INIT, .client = IPC_LINK_INIT,
			     .next = IPC_LINK_INIT };
	n->opts.instances = 1;
	memcpy(&l.n, n, sizeof(l.n));
	CHECK_EQ(ipc_sem_new(&l.done, &n->err), IPC_OK);
	CHECK_EQ(listen_to(n, &listener), IPC_OK);
	CHECK_EQ(n->it->connect(n->name, &n->opts, n->pairing.producer_needs,
				&l.client, &n->err), IPC_OK);
	CHECK_EQ(n->it->accept(listener, &l.server, &n->err), IPC_OK);
	for (int i = 0; i < 30 && ok; i++)
		ok = one_leaves(&l, listener);
	CHECK(ok);
	ipc_link_close(&l.server);
	ipc_link_close(&l.client);
	n->it->unlisten(listener);
	ipc_sem_free(l.done);
	return true;
}

static void test(const char *what, const struct ipc_transport *it,
		 bool (*body)(struct named *), const char *skip)
{
	struct named n;
	char name[100];

	snprintf(name, sizeof(name), "%s: %s", it->name, what);
	if (skip)
		tap_skip(name, skip);
	else
		tap_result(name, prepare(&n, it) && body(&n));
}

int main(int argc, char **argv)
{
	const struct ipc_transport *t;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(180);
	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		if (!t->listen)
			continue;
		test("missing", t, missing, NULL);
		test("taken", t, taken,
		     ipc_wine() ? "Wine lets a second server in" : NULL);
		test("reused", t, reused, NULL);
		test("not swept", t, not_swept, NULL);
		test("knocked at", t, knocked_at, NULL);
		test("swept at", t, swept_at, NULL);
		test("dead server", t, dead_server, NULL);
		test("inbound", t, inbound, NULL);
		test("outbound", t, outbound, NULL);
		test("bad names", t, bad_names, NULL);
		test("buffers", t, buffers, NULL);
		if (t->renew) /* an instance a client, and so many of them */
			test("patient", t, patient, NULL);
	}
	return tap_done();
}
