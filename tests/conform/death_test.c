/* What is seen when the other process dies, and that none is left behind. */
#include "ipc/clock.h"
#include "tests/support/every.h"
#include "tests/support/tap.h"

/* Everything that was flushed arrives; what then comes cannot be told. */
static bool producer_killed(struct peer_case of)
{
	struct ipc_end *from;
	const void *data;
	int64_t last = 0;
	struct peer p;
	bool ok = peer_start(&p, &of, PEER_SEND_HANG) &&
		  peer_kill_when_hanging(&p) && peer_receive(&p, 0, of.count);

	if (ok) {
		last = p.hub->engine->next(p.hub, &from, &data);
		ok = (last == IPC_EOF || last == IPC_GONE) && from == p.end;
		if (!ok)
			tap_note("next says %lld", (long long)last);
	}
	peer_stop(&p);
	return ok;
}

/* The sender may be waiting in a full pipe when it happens. */
static bool consumer_killed(struct peer_case of)
{
	struct peer p;
	enum ipc_rc rc = IPC_OK;
	bool ok = peer_start(&p, &of, PEER_RECEIVE_HANG) &&
		  peer_send(&p, 0, of.count) && peer_kill_when_hanging(&p);

	while (ok && !rc) {
		void *data = p.hub->engine->reserve(p.end);

		rc = data ? p.hub->engine->commit(p.end, of.size, 0)
			  : p.end->err.rc;
	}
	if (ok && rc != IPC_GONE)
		tap_note("commit says %d", rc);
	peer_stop(&p);
	return ok && rc == IPC_GONE;
}

static bool torn(struct peer_case of)
{
	struct peer p;
	bool ok = peer_start(&p, &of, PEER_SEND_TORN) &&
		  peer_receive(&p, 0, of.count) && peer_ended(&p, IPC_GONE);

	return peer_stop(&p) && ok;
}

/* A child of a child that is killed: nobody else could end it. */
static bool grandchild_dies(struct peer_case of)
{
	struct peer p;
	char *line;
	enum ipc_rc rc = IPC_OS;
	bool ok = peer_start(&p, &of, PEER_GRANDPARENT) &&
		  peer_receive(&p, 0, of.count) && peer_await_hanging(&p);

	ipc_proc_kill(&p.child);
	if (ok)
		rc = ipc_channel_line(&p.channel, 20000000000u, &line, &p.err);
	if (rc != IPC_EOF)
		tap_note("its channel says %d", rc);
	ok = ok && rc == IPC_EOF && peer_ended(&p, IPC_EOF);
	peer_stop(&p);
	return ok;
}

static void grandchildren(struct peer_case of)
{
	const struct ipc_transport *t;

	of.producer = of.consumer = "blocking";
	for (size_t i = 0; (t = peer_transport(i)) != NULL; i++) {
		char name[80];

		if (!t->pair)
			continue;
		of.transport = t->name;
		of.message = !(t->gives & IPC_CAP_STREAM);
		snprintf(name, sizeof(name), "a grandchild dies: %s", t->name);
		tap_result(name, grandchild_dies(of));
	}
}

int main(int argc, char **argv)
{
	struct peer_case of = { .smallest = 1000, .size = 1000, .count = 7 };

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(600);
	grandchildren(of);
	every_pair("the producer is killed", 0, 0, of, producer_killed);
	every_pair("the consumer is killed", 0, 0, of, consumer_killed);
	every_pair("torn by exit", 0, 'b', of, torn);
	return tap_done();
}
