/* --explain: every row says its calls, and the text says what will be done. */
#include "bench/explain.h"

#include <stdlib.h>
#include <string.h>

#include "bench/matrix.h"
#include "bench/resolve.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static bool every_transport_says_its_calls(void)
{
	for (size_t i = 0; ipc_transports[i].name; i++) {
		const struct ipc_transport *it = ipc_transports[i].it;

		tap_note("%s", ipc_transports[i].name);
		CHECK(!it || (it->makes && it->makes[0]));
		CHECK(!it || !it->connect == !it->joins);
	}
	return true;
}

static bool every_engine_says_its_calls(void)
{
	for (size_t i = 0; ipc_engines[i].name; i++) {
		const struct ipc_engine *it = ipc_engines[i].it;

		tap_note("%s", ipc_engines[i].name);
		/* One that was built without its library does nothing. */
		if (!it || (it->probe && it->probe(NULL)))
			continue;
		bool moves = !(it->gives & IPC_CAP_NO_LINK);

		CHECK((it->sends != NULL) ==
		      (moves && it->gives & IPC_CAP_SEND));
		CHECK((it->receives != NULL) ==
		      (moves && it->gives & IPC_CAP_RECEIVE));
	}
	return true;
}

/* What is explained of "knob=value knob=value"; free it. */
static char *explained(const char *set)
{
	struct ipc_err err = { .rc = IPC_OK };
	struct ipc_pairing pairing;
	struct pm_cell cell;
	char name[256], *text = NULL;
	size_t length;

	pm_cell_init(&cell);
	if (pm_set_apply(set, "test", &cell, &err) ||
	    pm_resolve(&cell, &pairing, &err)) {
		tap_note("%s: %s", set, err.what);
		return NULL;
	}
	sample_file_name("explained", name);
	FILE *out = ipc_file_open(name, "wb", &err);
	if (out) {
		pm_explain(out, &cell, &pairing);
		fclose(out);
		text = sample_file_text(name, &length);
	}
	remove(name);
	return text;
}

/* Line ends and what aligns do not matter. */
static bool explains(const char *set, const char *words)
{
	char *text = explained(set), *to = text;
	bool found;

	CHECK(text);
	for (char *from = text; *from; from++) {
		bool space = *from == ' ' || *from == '\n';

		if (!space)
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	*to = '\0';
	found = strstr(text, words) != NULL;
	if (!found)
		tap_note("%s: %s", set, text);
	free(text);
	return found;
}

static bool links_and_who_makes_them(void)
{
	CHECK(explains("workload=stream", "; one, producer to consumer made by "
		       "the runner: "));
	CHECK(explains("", "; two of them, one for each direction"));
	CHECK(explains("hand-over=std", "as standard input and output"));
	CHECK(explains("kind=named workload=stream", "made by the consumer (the "
		       "server), under an unguessable name: "));
	CHECK(explains("kind=named workload=stream direction=outbound name=x",
		       "made by the producer (the server), under x: "));
	CHECK(explains("kind=named wait=2s", "who tries for 2s: "));
	CHECK(explains("io=null", "pipe none: the loop alone"));
	return true;
}

static bool system_calls_a_message(void)
{
	CHECK(explains("workload=stream io=null",
		       "floor): no system call a message"));
	CHECK(explains("workload=stream message=64 collect=4K",
		       " for up to 64 messages"));
	CHECK(explains("workload=stream message=64 read-size=64K",
		       " for up to 1024 messages"));
	/* as measured: 16 reads of 64K */
	CHECK(explains("workload=stream message=1M", ": about 16 "));
	CHECK(explains("message=1M", ", then about 16 "));
	CHECK(explains("workload=stream io=nowait message=64",
		       "; and those that are told: not now"));
	return true;
}

static bool messages_and_times(void)
{
	CHECK(explains("message=64 message-min=32", "messages 32 to 64 bytes"));
	CHECK(explains("message=64 reply=4K", "; replies of 4K"));
	CHECK(explains("verify=yes", "; every byte checked"));
	CHECK(explains("warmup=5ms time=2s", "trial 5ms warm-up, then 2s "
		       "measured"));
	CHECK(explains("count=10K", "then 10K messages measured"));
	CHECK(explains("placement=free", "placement wherever the system"));
	CHECK(explains("workload=paced rate=20K arrival=poisson",
		       "paced: 20K messages a second, arrival poisson"));
	CHECK(explains("buffer=os", "buffer what the system gives"));
	CHECK(explains("in-buffer=8K", "asked for: 8K for what the server reads, "
		       "64K for what it writes"));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(every_transport_says_its_calls);
	TEST(every_engine_says_its_calls);
	TEST(links_and_who_makes_them);
	TEST(system_calls_a_message);
	TEST(messages_and_times);
	return tap_done();
}
