/* What fits together, and what is said of what does not. */
#include "ipc/registry.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/peer.h"
#include "tests/support/tap.h"

static bool linux_host(void)
{
	return strcmp(ipc_host_name(), "linux") == 0;
}

/* A cell that works: anonymous bytes, blocking at both ends. */
static struct ipc_opts plain(void)
{
	struct peer_case of = { .transport = "auto", .producer = "blocking",
				.consumer = "blocking", .smallest = 64,
				.size = 64 };
	struct ipc_opts opts;

	peer_opts(&of, &opts);
	return opts;
}

static enum ipc_rc resolve(const struct ipc_opts *opts, bool duplex,
			   struct ipc_pairing *out, struct ipc_err *err)
{
	memset(err, 0, sizeof(*err));
	return ipc_resolve(opts, duplex, 64, 64, out, err);
}

static bool refused(const struct ipc_opts *opts, bool duplex, enum ipc_rc rc,
		    const char *about, const char *hint)
{
	struct ipc_pairing pairing;
	struct ipc_err err;

	CHECK_EQ(resolve(opts, duplex, &pairing, &err), rc);
	CHECK_EQ(err.rc, rc);
	tap_note("%s: %s", err.op, err.what);
	CHECK(strcmp(err.op, about) == 0);
	CHECK(strstr(err.what, hint));
	CHECK(ipc_resolve(opts, duplex, 64, 64, &pairing, NULL) == rc);
	return true;
}

static bool names_are_unique(void)
{
	for (size_t i = 0; ipc_transports[i].name; i++) {
		const char *name = ipc_transports[i].name;

		CHECK(ipc_find_transport(name) == &ipc_transports[i]);
		CHECK(!ipc_transports[i].it ||
		      !strcmp(ipc_transports[i].it->name, name));
	}
	for (size_t i = 0; ipc_engines[i].name; i++) {
		const char *name = ipc_engines[i].name;

		CHECK(!ipc_engines[i].it ||
		      !strcmp(ipc_engines[i].it->name, name));
		CHECK(ipc_find_engine(name));
	}
	CHECK(!ipc_find_transport("carrier-pigeon"));
	CHECK(!ipc_find_engine("carrier-pigeon"));
	return true;
}

/* Each row of this host is complete: a new one that is not fails here. */
static bool rows_are_complete(void)
{
	for (size_t i = 0; ipc_transports[i].name; i++) {
		const struct ipc_transport *t = ipc_transports[i].it;
		bool here = !strcmp(ipc_transports[i].os, ipc_host_name()) ||
			    !strcmp(ipc_transports[i].os, "both");

		CHECK(here == (t != NULL));
		if (!t)
			continue;
		CHECK(t->summary && t->knobs && t->message_max);
		CHECK(t->gives & (IPC_CAP_STREAM | IPC_CAP_MESSAGE));
		CHECK(!t->pair == (t->listen && t->accept && t->connect &&
				   t->unlisten));
	}
	for (size_t i = 0; ipc_engines[i].name; i++) {
		const struct ipc_engine *e = ipc_engines[i].it;

		/* One that was built without its library has a reason alone. */
		if (!e || (e->probe && e->probe(NULL)))
			continue;
		CHECK(e->summary && e->knobs && e->ends_max);
		CHECK(e->gives & (IPC_CAP_SEND | IPC_CAP_RECEIVE));
		CHECK(e->open && e->attach && e->reserve && e->commit &&
		      e->push && e->flush && e->next && e->detach && e->close);
	}
	return true;
}

static bool kind_and_mode_become_a_transport(void)
{
	static const struct {
		unsigned    kind, mode, direction;
		const char *linux_name, *windows_name;
	} rows[] = {
		{ IPC_KIND_ANONYMOUS, IPC_MODE_BYTE, 0, "pipe", "anon" },
		{ IPC_KIND_ANONYMOUS, IPC_MODE_MESSAGE, 0, "packet", NULL },
		{ IPC_KIND_NAMED, IPC_MODE_BYTE, 0, "fifo", "named" },
		{ IPC_KIND_NAMED, IPC_MODE_BYTE, IPC_DIRECTION_DUPLEX,
		  "unix-stream", "named" },
		{ IPC_KIND_NAMED, IPC_MODE_MESSAGE, 0, "unix-seqpacket",
		  "named" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = linux_host() ? rows[i].linux_name
						: rows[i].windows_name;
		struct ipc_opts opts = plain();
		struct ipc_pairing pairing;
		struct ipc_err err;
		enum ipc_rc rc;

		opts.kind = rows[i].kind;
		opts.mode = opts.read_mode = rows[i].mode;
		opts.direction = rows[i].direction;
		rc = resolve(&opts, false, &pairing, &err);
		CHECK_EQ(rc, name ? IPC_OK : IPC_UNSUPPORTED);
		CHECK(rc || !strcmp(pairing.transport->name, name));
		CHECK(rc || pairing.message == (rows[i].mode ==
						IPC_MODE_MESSAGE));
	}
	return true;
}

static bool two_ways_need_both(void)
{
	struct ipc_opts opts = plain();
	struct ipc_pairing pairing;
	struct ipc_err err;

	CHECK_EQ(resolve(&opts, false, &pairing, &err), IPC_OK);
	CHECK(!pairing.duplex && !(pairing.producer_needs & IPC_CAP_DUPLEX));
	CHECK_EQ(resolve(&opts, true, &pairing, &err), IPC_OK);
	CHECK(pairing.duplex && pairing.producer_needs & IPC_CAP_DUPLEX &&
	      pairing.consumer_needs & IPC_CAP_DUPLEX);
	opts.direction = IPC_DIRECTION_INBOUND;
	opts.kind = IPC_KIND_NAMED;
	return refused(&opts, true, IPC_UNSUPPORTED, "direction", "duplex");
}

static bool unknown_names(void)
{
	struct ipc_opts opts = plain();

	snprintf(opts.consumer_io, sizeof(opts.consumer_io), "telepathy");
	CHECK(refused(&opts, false, IPC_INVALID, "consumer-io", "blocking"));
	opts = plain();
	snprintf(opts.transport, sizeof(opts.transport), "bucket");
	return refused(&opts, false, IPC_INVALID, "transport",
		       linux_host() ? "fifo" : "named");
}

static bool the_other_system_has_it(void)
{
	struct ipc_opts opts = plain();

	snprintf(opts.transport, sizeof(opts.transport), "%s",
		 linux_host() ? "anon" : "fifo");
	return refused(&opts, false, IPC_UNSUPPORTED, "transport",
		       linux_host() ? "exists on windows" : "exists on linux");
}

static bool null_stands_alone(void)
{
	struct ipc_opts opts = plain();
	struct ipc_pairing pairing;
	struct ipc_err err;

	snprintf(opts.producer_io, sizeof(opts.producer_io), "null");
	CHECK(refused(&opts, false, IPC_INVALID, "io", "both ends"));
	snprintf(opts.consumer_io, sizeof(opts.consumer_io), "null");
	CHECK_EQ(resolve(&opts, true, &pairing, &err), IPC_OK);
	CHECK(pairing.transport == NULL);
	return true;
}

static bool contradictions(void)
{
	struct ipc_opts opts = plain();

	snprintf(opts.transport, sizeof(opts.transport), "%s",
		 linux_host() ? "pipe" : "anon");
	opts.kind = IPC_KIND_NAMED;
	CHECK(refused(&opts, false, IPC_INVALID, "transport", "named"));
	opts.kind = IPC_KIND_ANONYMOUS;
	opts.mode = opts.read_mode = IPC_MODE_MESSAGE;
	return refused(&opts, false, IPC_INVALID, "transport", "message");
}

/* What a stream is cut into is nobody's choice where messages are kept. */
static bool stream_knobs(void)
{
	struct ipc_opts opts = plain();

	opts.collect = 4096;
	CHECK(refused(&opts, true, IPC_UNSUPPORTED, "collect", "stream"));
	opts.kind = IPC_KIND_NAMED;
	opts.mode = opts.read_mode = IPC_MODE_MESSAGE;
	CHECK(refused(&opts, false, IPC_UNSUPPORTED, "collect", "byte"));
	opts.collect = 0;
	opts.read_size = 4096;
	return refused(&opts, false, IPC_UNSUPPORTED, "read-size", "byte");
}

static bool empty_messages(void)
{
	struct ipc_opts opts = plain();
	struct ipc_pairing pairing;
	struct ipc_err err;

	CHECK_EQ(ipc_resolve(&opts, false, 0, 64, &pairing, &err),
		 IPC_UNSUPPORTED);
	CHECK(!strcmp(err.op, "message") && strstr(err.what, "0 bytes"));
	opts.kind = IPC_KIND_NAMED;
	opts.mode = opts.read_mode = IPC_MODE_MESSAGE;
	CHECK_EQ(ipc_resolve(&opts, false, 0, 64, &pairing, &err), IPC_OK);
	return true;
}

/* Facts of Linux, with what the user would have to write instead. */
static bool linux_refusals(void)
{
	struct ipc_opts opts = plain();
	struct ipc_pairing pairing;
	struct ipc_err err;

	opts.write_through = IPC_WRITE_THROUGH_NO;
	CHECK(refused(&opts, false, IPC_UNSUPPORTED, "write-through",
		      "collect"));
	opts = plain();
	opts.buffer = 0;
	CHECK(refused(&opts, false, IPC_UNSUPPORTED, "buffer", "4K"));
	opts = plain();
	opts.direction = IPC_DIRECTION_DUPLEX;
	CHECK(refused(&opts, false, IPC_UNSUPPORTED, "direction",
		      "unix-stream"));
	opts = plain();
	snprintf(opts.transport, sizeof(opts.transport), "packet");
	CHECK_EQ(ipc_resolve(&opts, false, 5000, 5000, &pairing, &err),
		 IPC_UNSUPPORTED);
	CHECK(strstr(err.what, "4096") && strstr(err.what, "5000") &&
	      strstr(err.what, "unix-seqpacket"));
	CHECK(!strstr(err.what, "with this buffer"));
	CHECK_EQ(ipc_resolve(&opts, false, 4096, 4096, &pairing, &err), IPC_OK);
	CHECK(pairing.message);
	snprintf(opts.transport, sizeof(opts.transport), "unix-seqpacket");
	CHECK_EQ(ipc_resolve(&opts, false, 1 << 20, 1 << 20, &pairing, &err),
		 IPC_UNSUPPORTED);
	CHECK(strstr(err.what, "with this buffer"));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(names_are_unique);
	TEST(rows_are_complete);
	TEST(kind_and_mode_become_a_transport);
	TEST(two_ways_need_both);
	TEST(unknown_names);
	TEST(the_other_system_has_it);
	TEST(null_stands_alone);
	TEST(contradictions);
	TEST(stream_knobs);
	TEST(empty_messages);
	if (linux_host())
		TEST(linux_refusals);
	return tap_done();
}
