/*
 * A word from the runner in the middle of a hot loop, by signal: the socket
 * of the control channel raises SIGIO when something arrives.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "ipc/proc.h"

static atomic_bool *flag;
static int          watched = -1;

static void look(void)
{
	struct pollfd p = { .fd = watched, .events = POLLIN | POLLRDHUP };

	if (poll(&p, 1, 0) <= 0)
		return;
	if (p.revents & (POLLHUP | POLLRDHUP | POLLERR))
		_exit(4); /* the runner is gone */
	atomic_store(flag, true);
}

static void on_io(int number)
{
	int saved = errno;

	(void)number;
	look();
	errno = saved;
}

enum ipc_rc ipc_channel_watch(struct ipc_channel *channel, atomic_bool *asked,
			      struct ipc_err *err)
{
	struct sigaction action = { .sa_handler = on_io,
				    .sa_flags = SA_RESTART };
	int flags;

	flag = asked;
	watched = (int)channel->rd;
	sigaction(SIGIO, &action, NULL);
	flags = fcntl(watched, F_GETFL);
	if (flags < 0 || fcntl(watched, F_SETOWN, getpid()) < 0 ||
	    fcntl(watched, F_SETFL, flags | O_ASYNC) < 0)
		return ipc_fail(err, "fcntl", "control channel");
	look(); /* what came before the signal was armed */
	return IPC_OK;
}
