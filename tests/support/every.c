#include "tests/support/every.h"

#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/tap.h"

static void one(const char *what, const struct peer_case *of, every_fn *test)
{
	struct ipc_pairing pairing;
	struct ipc_err err;
	char name[200];

	if (peer_resolve(of, &pairing, &err))
		return;
	snprintf(name, sizeof(name), "%s: %s %s %s->%s", what, of->transport,
		 of->message ? "message" : "byte", of->producer, of->consumer);
	tap_result(name, test(*of));
}

/* Wine takes 100 ms to start a process: what many senders are is one there. */
static bool too_many(const struct ipc_engine *producer, unsigned gives)
{
	return ipc_wine() && gives & IPC_CAP_MANY &&
	       strcmp(producer->name, "blocking") != 0;
}

static void engines(const char *what, struct peer_case of, unsigned gives,
		    every_fn *test)
{
	const struct ipc_engine *producer, *consumer;

	for (size_t a = 0; (producer = peer_engine(a)) != NULL; a++)
		for (size_t b = 0; (consumer = peer_engine(b)) != NULL; b++) {
			if ((consumer->gives & gives) != gives ||
			    too_many(producer, gives))
				continue;
			of.producer = producer->name;
			of.consumer = consumer->name;
			one(what, &of, test);
		}
}

static void walk(const char *what, unsigned caps, unsigned gives, char wants,
		 struct peer_case of, every_fn *test)
{
	const struct ipc_transport *t;

	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		bool modes[2];
		size_t count = peer_modes(t, modes);

		for (size_t m = 0; m < count; m++) {
			if ((t->gives & caps) != caps ||
			    (wants && (wants == 'm') != modes[m]))
				continue;
			of.transport = t->name;
			of.message = modes[m];
			engines(what, of, gives, test);
		}
	}
}

void every_pair(const char *what, unsigned caps, char wants,
		struct peer_case of, every_fn *test)
{
	walk(what, caps, 0, wants, of, test);
}

void every_many(const char *what, char wants, struct peer_case of,
		every_fn *test)
{
	walk(what, 0, IPC_CAP_MANY, wants, of, test);
}
