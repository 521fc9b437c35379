/* What only io_uring has: the chain in flight, kinds of rings, locked memory. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/every.h"
#include "tests/support/tap.h"

enum { DEPTH = 32 };

/* A sender that had to wait had all of the chain in flight. */
static bool depth_is_reached(struct peer_case of)
{
	struct peer p;
	uint64_t seen;
	bool ok;

	of.depth = of.batch = DEPTH;
	of.count = 200;
	of.smallest = of.size = 4096;
	of.buffer = 4096;
	ok = peer_start(&p, &of, PEER_RECEIVE) && peer_send(&p, 0, of.count);
	seen = ok ? p.end->out.in_flight_max : 0;
	CHECK(peer_stop(&p) && ok);
	CHECK_EQ(seen, DEPTH);
	return true;
}

/* Detach with a chain in flight that nobody reads, and a read without data. */
static bool cancelled(struct peer_case of)
{
	const struct ipc_engine *io;
	struct pair pair;

	of.depth = DEPTH;
	of.batch = DEPTH / 2;
	of.smallest = of.size = of.message ? 4096 : 65536;
	of.buffer = 4096;
	CHECK(pair_open(&pair, &of));
	io = pair.far.hub->engine;
	for (unsigned i = 0; i < DEPTH; i++) {
		CHECK(io->reserve(pair.far.end));
		CHECK_EQ(io->commit(pair.far.end, of.size, IPC_MORE), IPC_OK);
	}
	CHECK(pair.far.end->out.in_flight_max >= DEPTH / 2);
	pair_close(&pair);
	return true;
}

static struct ipc_rc_and_how {
	enum ipc_rc rc;
	char        how[96];
	char        what[IPC_NAME_MAX];
} opened(struct ipc_opts *opts, struct ipc_link *link)
{
	const struct ipc_engine *io = ipc_find_engine("uring")->it;
	struct ipc_rc_and_how is = { .rc = IPC_OK };
	struct ipc_err err = { .rc = IPC_OK };
	struct ipc_hub *hub = NULL;
	struct ipc_end *end;

	is.rc = io->open(opts, 1, &hub, &err);
	if (!is.rc)
		is.rc = io->attach(hub, link, NULL, &end, &err);
	if (hub)
		snprintf(is.how, sizeof(is.how), "%s", hub->how);
	if (is.rc)
		snprintf(is.what, sizeof(is.what), "%s", err.what);
	if (hub)
		io->close(hub);
	ipc_link_close(link);
	return is;
}

static struct ipc_rc_and_how opened_with(unsigned ring, unsigned registered,
					 bool idles, size_t size)
{
	struct peer_case of = { .transport = "pipe", .producer = "uring",
				.consumer = "uring", .smallest = 64,
				.size = size, .depth = DEPTH };
	struct ipc_rc_and_how is = { .rc = IPC_OS };
	struct pair pair;

	if (pair_links(&pair, &of)) {
		pair.far.opts.ring = ring;
		pair.far.opts.registered = registered;
		pair.far.opts.idles = idles;
		is = opened(&pair.far.opts, &pair.far.link);
	}
	pair_close(&pair);
	return is;
}

static bool rings(void)
{
	CHECK(strstr(opened_with(IPC_RING_AUTO, 0, false, 64).how, "defer"));
	CHECK(strstr(opened_with(IPC_RING_AUTO, 0, true, 64).how, "coop"));
	CHECK(strstr(opened_with(IPC_RING_DEFER, 0, true, 64).how, "defer"));
	CHECK(strstr(opened_with(IPC_RING_COOP, 0, false, 64).how, "coop"));
	CHECK(strstr(opened_with(IPC_RING_PLAIN, 0, false, 64).how, "plain"));
	return true;
}

/* What the limit does, in a child of this program without privileges. */
static int without_memory(void)
{
	struct rlimit little = { 1 << 20, 1 << 20 };
	struct ipc_rc_and_how yes, automatic, no;

	setrlimit(RLIMIT_MEMLOCK, &little);
	if (setgid(65534) || setuid(65534))
		return 2;
	yes = opened_with(0, IPC_REGISTERED_YES, false, 65536);
	automatic = opened_with(0, IPC_REGISTERED_AUTO, false, 65536);
	no = opened_with(0, IPC_REGISTERED_NO, false, 65536);
	if (yes.rc != IPC_NOMEM || !strstr(yes.what, "1048576 bytes"))
		return 3;
	if (automatic.rc || !strstr(automatic.how, "RLIMIT_MEMLOCK"))
		return 4;
	return no.rc || strstr(no.how, "registered") ? 5 : 0;
}

static bool locked_memory(void)
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(without_memory());
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	CHECK(strstr(opened_with(0, IPC_REGISTERED_YES, false, 64).how,
		     "registered"));
	return true;
}

/* Without IPC_MORE it arrives, in whatever ring, though nobody calls again. */
static bool goes_by_itself(unsigned ring)
{
	struct peer_case of = { .transport = "pipe", .producer = "uring",
				.consumer = "blocking", .smallest = 5000,
				.size = 5000, .buffer = 4096, .depth = 4,
				.batch = 4, .count = 40 };
	const struct ipc_engine *io;
	struct peer p;
	bool ok;

	ok = peer_start_link(&p, &of, PEER_RECEIVE_HANG);
	p.opts.ring = ring;
	p.opts.idles = true;
	ok = ok && peer_attach(&p, p.pairing.producer);
	io = p.pairing.producer;
	for (unsigned i = 0; ok && i < of.count; i++) {
		peer_fill(io->reserve(p.end), of.size, i, of.seed);
		ok = io->commit(p.end, of.size,
				i % 3 == 2 || i + 1 == of.count ? 0
								: IPC_MORE) ==
		     IPC_OK;
	}
	ok = ok && peer_await_hanging(&p); /* it says so when it has all */
	ipc_proc_kill(&p.child);
	peer_stop(&p);
	return ok;
}

static bool needs_no_further_call(void)
{
	CHECK(goes_by_itself(IPC_RING_DEFER));
	CHECK(goes_by_itself(IPC_RING_COOP));
	CHECK(goes_by_itself(IPC_RING_PLAIN));
	return true;
}

static void every(const char *what, const char *producer, const char *consumer,
		  every_fn *test)
{
	const struct ipc_transport *t;

	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		struct peer_case of = { .transport = t->name, .smallest = 64,
					.size = 64, .producer = producer,
					.consumer = consumer };
		char name[120];

		of.message = !(t->gives & IPC_CAP_STREAM);
		snprintf(name, sizeof(name), "%s: %s %s->%s", what, t->name,
			 producer, consumer);
		tap_result(name, test(of));
	}
}

int main(int argc, char **argv)
{
	struct ipc_err err = { .rc = IPC_OK };
	const struct ipc_engine *io = ipc_find_engine("uring")->it;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(300);
	if (io->probe(&err)) {
		tap_skip("uring", err.what);
		return tap_done();
	}
	TEST(rings);
	if (getuid() == 0)
		TEST(locked_memory);
	TEST(needs_no_further_call);
	every("depth", "uring", "blocking", depth_is_reached);
	every("cancelled", "uring", "uring", cancelled);
	return tap_done();
}
