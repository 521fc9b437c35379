/* Every transport x every sender x every receiver, one way and both ways. */
#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/peer.h"
#include "tests/support/tap.h"

static const size_t sizes[] = {
	1, 64, 4095, 4096, 4097, 5000, 65536, 100000, 1 << 20
};

/* Enough to go round every ring, little enough for a slow machine. */
static unsigned count_of(size_t size)
{
	size_t fits = (256 << 10) / size, most = ipc_wine() ? 60 : 200;

	return fits > most ? (unsigned)most : fits < 5 ? 5 : (unsigned)fits;
}

static bool ask_and_hear(struct peer *p, unsigned number)
{
	size_t len = p->of.reply ? p->of.reply : peer_length(&p->of, number);
	struct ipc_end *from;
	const void *data;
	int64_t got;

	if (!peer_send(p, number, 1))
		return false;
	p->end->want = len;
	got = p->hub->engine->next(p->hub, &from, &data);
	if (got != (int64_t)len) {
		tap_note("reply %u has %lld bytes, not %zu", number,
			 (long long)got, len);
		return false;
	}
	return peer_right(data, len, number, p->of.seed + 1);
}

static bool both_ways(const struct peer_case *of)
{
	struct peer p;
	bool ok = peer_start(&p, of, PEER_ECHO);

	for (unsigned i = 0; ok && i < of->count; i++)
		ok = ask_and_hear(&p, i);
	return peer_stop(&p) && ok;
}

/* A refusal has its class and a reason; then there is nothing to run. */
static bool is_refused(const struct peer_case *of, bool *bad)
{
	struct ipc_pairing pairing;
	struct ipc_err err = { .rc = IPC_OK };
	enum ipc_rc rc = peer_resolve(of, &pairing, &err);
	size_t largest = of->size > of->reply ? of->size : of->reply;

	*bad = false;
	if (!rc)
		return false;
	*bad = rc != IPC_UNSUPPORTED || err.rc != rc || !err.what[0] ||
	       !err.op;
	if (*bad)
		tap_note("size %zu refused with %d: %s", largest, rc, err.what);
	return true;
}

typedef bool run_fn(const struct peer_case *of);

/*
 * Two different engines that are both special: a few sizes and one
 * set of knobs will do.
 */
static bool is_far_fetched(const struct peer_case *of)
{
	return strcmp(of->producer, of->consumer) != 0 &&
	       strcmp(of->producer, "blocking") != 0 &&
	       strcmp(of->consumer, "blocking") != 0;
}

static bool every_size(struct peer_case of, run_fn *run, unsigned *ran)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bool bad;

		if (i % 3 && is_far_fetched(&of)) /* 1, 4096, 65536 */
			continue;
		of.size = of.smallest = sizes[i];
		of.reply = of.duplex ? (sizes[i] + 1) / 2 : 0;
		of.count = of.duplex ? 5 : count_of(sizes[i]);
		if (is_refused(&of, &bad)) {
			if (bad)
				return false;
			continue;
		}
		of.threaded = ipc_wine() && *ran;
		if (!run(&of)) {
			tap_note("at size %zu", sizes[i]);
			return false;
		}
		++*ran;
	}
	return true;
}

/* Lengths drawn, reads and writes that divide nothing, several buffers. */
static bool every_knob(struct peer_case of, run_fn *run, unsigned *ran)
{
	static const struct {
		uint64_t slots, read_size, collect, buffer;
	} knobs[] = {
		{ 0, 0, 0, 0 },
		{ 3, 7000, 0, 4096 },
		{ 1, 65536, 20000, 0 },
		{ 5, 100, 100000, 1 << 20 },
		{ 2, 4999, 1, 8192 },
	};

	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		bool bad;

		if (i != 1 && is_far_fetched(&of))
			continue;
		of.seed = (unsigned)i + 1;
		of.slots = knobs[i].slots;
		of.read_size = of.message ? 0 : knobs[i].read_size;
		of.collect = of.message || of.duplex ? 0 : knobs[i].collect;
		of.buffer = knobs[i].buffer;
		if (is_refused(&of, &bad)) {
			if (bad)
				return false;
			continue;
		}
		of.threaded = ipc_wine() && *ran;
		if (!run(&of)) {
			tap_note("with knobs %zu, sizes %zu to %zu", i,
				 of.smallest, of.size);
			return false;
		}
		++*ran;
	}
	return true;
}

static bool random_lengths(struct peer_case of, run_fn *run, unsigned *ran)
{
	of.count = of.duplex ? 20 : ipc_wine() ? 100 : 300;
	of.smallest = 1;
	of.size = 3000;
	if (!every_knob(of, run, ran))
		return false;
	of.size = 20000;
	if (!every_knob(of, run, ran))
		return false;
	if (!of.message)
		return true;
	of.smallest = 0; /* empty messages, where there are any */
	of.size = 2;
	return every_knob(of, run, ran);
}

static void result(const struct peer_case *of, const char *what, bool ok,
		   unsigned ran)
{
	char name[160];

	snprintf(name, sizeof(name), "%s %s %s->%s: %s%s", of->transport,
		 of->message ? "message" : "byte", of->producer, of->consumer,
		 what, ok && !ran ? " refused" : "");
	tap_result(name, ok);
}

static void check(struct peer_case of, const char *what, bool duplex,
		  bool drawn, run_fn *run)
{
	unsigned ran = 0;
	bool ok;

	of.duplex = duplex;
	ok = drawn ? random_lengths(of, run, &ran) : every_size(of, run, &ran);
	result(&of, what, ok, ran);
}

/*
 * Wine takes 100 ms to start a process: there, the first run of a line has one
 * and the others have a thread, and different engines meet once.
 */
static void check_pair(struct peer_case of)
{
	check(of, "sizes", false, false, peer_one_way);
	if (ipc_wine() && strcmp(of.producer, of.consumer) != 0)
		return;
	check(of, "lengths", false, true, peer_one_way);
	check(of, "lengths sent", false, true, peer_other_way);
	check(of, "replies", true, false, both_ways);
	check(of, "lengths and replies", true, true, both_ways);
}

int main(int argc, char **argv)
{
	const struct ipc_engine *producer, *consumer;
	const struct ipc_transport *t;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(1000);
	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		bool modes[2];
		size_t count = peer_modes(t, modes);

		for (size_t m = 0; m < count; m++)
			for (size_t a = 0; (producer = peer_engine(a)); a++)
				for (size_t b = 0; (consumer = peer_engine(b));
				     b++)
					check_pair((struct peer_case){
						.transport = t->name,
						.producer = producer->name,
						.consumer = consumer->name,
						.message = modes[m] });
	}
	return tap_done();
}
