/* The other side of a link as a thread of this process. */
#include <stdlib.h>

#include "tests/support/peer_child.h"
#include "tests/support/tap.h"

struct peer_thread {
	struct peer      me;
	enum peer_script script;
	struct ipc_link  mine;
	struct ipc_sem  *done;
	int              status;
};

static void body(void *arg)
{
	struct peer_thread *t = arg;

	t->status = peer_side(&t->me, t->script, &t->mine);
	ipc_sem_post(t->done);
}

static void drop(struct peer_thread *t)
{
	ipc_sem_free(t->done);
	ipc_link_close(&t->mine);
	free(t);
}

bool peer_thread_start(struct peer *p, enum peer_script script,
		       struct ipc_link *theirs)
{
	struct peer_thread *t = calloc(1, sizeof(*t));

	if (!t) {
		ipc_link_close(theirs);
		return false;
	}
	t->me = *p;
	t->me.link = (struct ipc_link)IPC_LINK_INIT;
	t->mine = *theirs;
	*theirs = (struct ipc_link)IPC_LINK_INIT;
	t->script = script;
	if (ipc_sem_new(&t->done, &p->err) ||
	    ipc_thread_start(body, t, &p->err)) {
		drop(t);
		return false;
	}
	p->thread = t;
	return true;
}

bool peer_thread_stop(struct peer *p)
{
	struct peer_thread *t = p->thread;
	bool well;

	if (!t)
		return true;
	ipc_sem_wait(t->done); /* a hang is for the deadline of tap */
	well = !t->status;
	if (!well)
		tap_note("the other side failed");
	drop(t);
	p->thread = NULL;
	return well;
}
