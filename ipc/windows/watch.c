/*
 * A word from the runner in the middle of a hot loop: a thread waits for it.
 * A pipe handle raises no signal, and what a second thread costs the first
 * one's system calls on Linux was not measured on Windows.
 */
#include <windows.h>

#include "ipc/proc.h"

static struct {
	struct ipc_channel *channel;
	atomic_bool        *asked;
} watch;

static void wait_for_line(void *unused)
{
	char *line;

	(void)unused;
	while (!ipc_channel_line(watch.channel, UINT64_MAX, &line, NULL))
		atomic_store(watch.asked, true);
	ExitProcess(4); /* the runner is gone */
}

enum ipc_rc ipc_channel_watch(struct ipc_channel *channel, atomic_bool *asked,
			      struct ipc_err *err)
{
	watch.channel = channel;
	watch.asked = asked;
	return ipc_thread_start(wait_for_line, NULL, err);
}
