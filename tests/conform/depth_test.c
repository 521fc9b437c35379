/*
 * Engines with several operations in flight: nothing lost, repeated or out of
 * order at any depth, and the depth is real.
 */
#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/peer.h"
#include "tests/support/tap.h"

enum { DEPTH = 32 };

static bool lists(const char *knobs, const char *knob)
{
	const char *at = strstr(knobs, knob);
	size_t len = strlen(knob);

	return at && (at == knobs || at[-1] == ' ') &&
	       (!at[len] || at[len] == ' ');
}

/* Lengths that fit, cross and exceed what a read or the pipe holds. */
static const struct {
	size_t   smallest, size;
	uint64_t depth, batch, slots, read_size, collect, buffer, read_buffer;
} shapes[] = {
	{ 64, 64, DEPTH, 1, 0, 0, 0, 65536, 0 },
	{ 5000, 5000, DEPTH, 8, 0, 0, 0, 65536, 0 },
	{ 5000, 5000, DEPTH, 8, 0, 65536, 0, 4096, 0 },
	{ 1, 5000, DEPTH, 32, 40, 0, 0, 65536, 0 },
	{ 1, 5000, DEPTH, 4, 33, 7000, 20000, 65536, 0 },
	{ 1, 100, 3, 2, 0, 4096, 4096, 512, 0 },
	{ 64, 64, 4, 1, 0, 65536, 4096, 65536, 0 },
	{ 65536, 65536, 2, 1, 5, 100, 0, 65536, 0 },
	{ 100000, 100000, 8, 8, 0, 0, 0, 4096, 0 },
	{ 1, 5000, DEPTH, 8, 0, 0, 0, 65536, 1000 },
	{ 5000, 5000, 1, 1, 0, 0, 0, 65536, 1000 },
	{ 0, 2, DEPTH, 8, 0, 0, 0, 65536, 0 },
};

static bool shaped(struct peer_case *of, size_t i)
{
	of->smallest = shapes[i].smallest;
	of->size = shapes[i].size;
	of->depth = shapes[i].depth;
	of->batch = shapes[i].batch;
	of->slots = shapes[i].slots;
	of->buffer = shapes[i].buffer;
	of->read_size = of->message ? 0 : shapes[i].read_size;
	of->collect = of->message ? 0 : shapes[i].collect;
	of->read_buffer = of->message ? shapes[i].read_buffer : 0;
	of->seed = (unsigned)i + 1;
	of->count = of->size > 50000 ? 30 : ipc_wine() ? 100 : 1000;
	return (of->smallest || of->message) &&
	       (of->message || !shapes[i].read_buffer);
}

/* Wine takes 100 ms to start a process: one shape has one, the others threads. */
static bool every_shape(struct peer_case of)
{
	bool ran = false;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct ipc_pairing pairing;

		of.threaded = ipc_wine() && ran;
		if (!shaped(&of, i) || peer_resolve(&of, &pairing, NULL))
			continue;
		if (peer_one_way(&of) && peer_other_way(&of)) {
			ran = true;
			continue;
		}
		tap_note("in shape %zu", i);
		return false;
	}
	return true;
}

/* Writes that cannot be finished, since nobody reads yet, are in flight. */
static bool depth_is_real(struct peer_case of)
{
	struct pair pair;
	uint64_t seen;

	of.smallest = of.size = 4096;
	of.depth = DEPTH;
	of.count = DEPTH;
	of.buffer = 4096;
	CHECK(pair_open(&pair, &of));
	for (unsigned i = 0; i < DEPTH; i++) {
		void *data = pair.far.hub->engine->reserve(pair.far.end);

		CHECK(data);
		peer_fill(data, of.size, i, of.seed);
		CHECK_EQ(pair.far.hub->engine->commit(pair.far.end, of.size, 0),
			 IPC_OK);
	}
	seen = pair.far.end->out.in_flight_max;
	CHECK(peer_receive(&pair.near, 0, DEPTH));
	CHECK_EQ(pair.far.hub->engine->flush(pair.far.end), IPC_OK);
	/* the first fits the pipe and may be done before the last begins */
	CHECK(seen >= DEPTH - 1 && seen <= DEPTH);
	pair_close(&pair);
	return true;
}

/* Detach with everything in flight, both sides, and nobody hangs. */
static bool cancelled(struct peer_case of)
{
	struct pair pair;

	of.smallest = of.size = 65536;
	of.depth = DEPTH;
	of.count = DEPTH;
	of.buffer = 4096;
	CHECK(pair_open(&pair, &of));
	for (unsigned i = 0; i < DEPTH; i++) {
		CHECK(pair.far.hub->engine->reserve(pair.far.end));
		CHECK_EQ(pair.far.hub->engine->commit(pair.far.end, of.size, 0),
			 IPC_OK);
	}
	CHECK(pair.near.hub->engine->next(pair.near.hub,
					  &(struct ipc_end *){ NULL },
					  &(const void *){ NULL }) == 65536);
	pair_close(&pair);
	return true;
}

/* The sender has gone: what it had finished comes first, then the end. */
static bool killed(struct peer_case of)
{
	struct peer p;
	struct ipc_pairing pairing;
	bool ok;

	of.smallest = 1;
	of.size = 5000;
	of.depth = DEPTH;
	of.batch = 8;
	of.count = 10;
	of.buffer = 1 << 20;
	if (peer_resolve(&of, &pairing, NULL))
		of.size = 4096; /* a packet */
	ok = peer_start(&p, &of, PEER_SEND_HANG) &&
	     peer_kill_when_hanging(&p) && peer_receive(&p, 0, of.count) &&
	     peer_ended(&p, IPC_EOF);
	peer_stop(&p); /* it was killed: that is no good end */
	return ok;
}

/*
 * Each message is there before it is read, in two pieces.  What is said of a
 * piece a second time, or late, is said of the read that follows in its place.
 */
static bool in_pieces(struct peer_case of)
{
	enum { BURST = 5 };
	struct ipc_pairing pairing;
	struct pair pair;

	of.smallest = 1;
	of.size = 100;
	of.read_buffer = 64;
	of.depth = 3;
	of.count = 20 * BURST;
	if (peer_resolve(&of, &pairing, NULL))
		return true; /* nothing here reads a message in pieces */
	CHECK(pair_open(&pair, &of));
	for (unsigned i = 0; i < of.count; i += BURST) {
		CHECK(peer_send(&pair.far, i, BURST));
		CHECK(peer_receive(&pair.near, i, BURST));
	}
	pair_close(&pair);
	return true;
}

static void line(const struct peer_case *of, const char *what,
		 bool (*test)(struct peer_case))
{
	char name[160];

	snprintf(name, sizeof(name), "%s: %s %s %s->%s%s", what, of->transport,
		 of->message ? "message" : "byte", of->producer, of->consumer,
		 of->packets ? " with packets" : "");
	tap_result(name, test(*of));
}

static void every_test(struct peer_case of, bool sends)
{
	struct ipc_pairing pairing;

	of.smallest = of.size = 64;
	if (peer_resolve(&of, &pairing, NULL))
		return;
	line(&of, "shapes", every_shape);
	if (sends) {
		line(&of, "depth", depth_is_real);
		line(&of, "cancelled", cancelled);
	}
	if (of.message)
		line(&of, "in pieces", in_pieces);
	line(&of, "killed", killed);
}

static void check_pair(const struct ipc_transport *t, bool message,
		       const struct ipc_engine *producer,
		       const struct ipc_engine *consumer)
{
	struct peer_case of = { .transport = t->name,
				.producer = producer->name,
				.consumer = consumer->name,
				.message = message };
	/* a chain needs its owner, who is busy here: tests/linux/uring_test */
	bool chains = lists(producer->knobs, "ring");
	bool sends = lists(producer->knobs, "depth");
	bool receives = lists(consumer->knobs, "depth");

	if (!sends && !receives)
		return;
	/* Wine takes 30 ms to start a process: a few pairs have to do */
	if (ipc_wine() && producer != consumer &&
	    strcmp((sends ? consumer : producer)->name, "blocking") != 0)
		return;
	every_test(of, sends && !chains);
	of.packets = true;
	if (lists(producer->knobs, "skip-on-success") ||
	    lists(consumer->knobs, "skip-on-success"))
		every_test(of, sends && !chains);
}

int main(int argc, char **argv)
{
	const struct ipc_engine *producer, *consumer;
	const struct ipc_transport *t;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(600);
	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		bool modes[2];
		size_t count = peer_modes(t, modes);

		for (size_t m = 0; m < count; m++)
			for (size_t a = 0; (producer = peer_engine(a)); a++)
				for (size_t b = 0; (consumer = peer_engine(b));
				     b++)
					check_pair(t, modes[m], producer,
						   consumer);
	}
	return tap_done();
}
