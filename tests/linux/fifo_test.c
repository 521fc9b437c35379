/* A FIFO is complete when it has its name: what a client that was waiting for
 * the name finds is what the server has made. */
#include <string.h>

#include "ipc/clock.h"
#include "ipc/proc.h"
#include "ipc/sys.h"
#include "tests/support/peer.h"
#include "tests/support/tap.h"

enum { ROUNDS = 300, BUFFER = 4096 }; /* what a FIFO has unasked is 64K */

struct eager {
	const struct ipc_transport *fifo;
	struct ipc_opts opts;
	char            name[64];
	struct ipc_link link;
	enum ipc_rc     rc;
	struct ipc_err  err;
	struct ipc_sem *go, *done;
};

/* The name is asked for without a pause, to meet its very first moment. */
static void connect_eagerly(void *arg)
{
	struct eager *e = arg;

	for (;;) {
		uint64_t until;

		ipc_sem_wait(e->go);
		until = ipc_now_ns() + 20000000000u;
		do
			e->rc = e->fifo->connect(e->name, &e->opts, IPC_CAP_SYNC,
						 &e->link, &e->err);
		while ((e->rc == IPC_NOT_FOUND || e->rc == IPC_BUSY) &&
		       ipc_now_ns() < until);
		ipc_sem_post(e->done);
	}
}

static bool one_round(struct eager *e)
{
	struct ipc_link server = IPC_LINK_INIT;
	struct ipc_listener *listener = NULL;
	struct ipc_err err;
	size_t saw;

	CHECK(!ipc_name_new(e->name, sizeof(e->name), &err));
	ipc_sem_post(e->go);
	CHECK(!e->fifo->listen(e->name, &e->opts, IPC_CAP_SYNC, &listener,
			       &err));
	ipc_sem_wait(e->done);
	CHECK_EQ(e->rc, IPC_OK);
	CHECK(!e->fifo->accept(listener, &server, &err));
	saw = e->link.effective_bytes;
	ipc_link_close(&server);
	ipc_link_close(&e->link);
	e->fifo->unlisten(listener);
	CHECK_EQ(saw, BUFFER);
	return true;
}

static bool a_name_comes_with_its_buffer(void)
{
	struct peer_case of = { .transport = "fifo", .producer = "blocking",
				.consumer = "blocking", .smallest = 64,
				.size = 64, .buffer = BUFFER };
	static struct eager e;
	struct ipc_err err;

	e.fifo = ipc_find_transport("fifo")->it;
	peer_opts(&of, &e.opts);
	e.link = (struct ipc_link)IPC_LINK_INIT;
	CHECK(!ipc_sem_new(&e.go, &err) && !ipc_sem_new(&e.done, &err));
	CHECK(!ipc_thread_start(connect_eagerly, &e, &err));
	for (int i = 0; i < ROUNDS; i++)
		CHECK(one_round(&e));
	return true;
}

int main(void)
{
	tap_start(180);
	TEST(a_name_comes_with_its_buffer);
	return tap_done();
}
