/* Ctrl-C, and threads, which must not see it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "ipc/linux/linux.h"
#include "ipc/proc.h"

enum { ECHO_MS = 200 };

static volatile sig_atomic_t interrupted;
static int wake = -1; /* an eventfd: set once for each signal */

/* One Ctrl-C can come twice, to the group and to us: that is not a second one. */
static bool is_echo(void)
{
	static struct timespec first;
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!interrupted) {
		first = now;
		return false;
	}
	ms = (int64_t)(now.tv_sec - first.tv_sec) * 1000 +
	     (now.tv_nsec - first.tv_nsec) / 1000000;
	return ms < ECHO_MS;
}

static void on_interrupt(int number)
{
	uint64_t one = 1;
	int code = errno;

	if (is_echo())
		return;
	if (interrupted) {
		lx_folders_sweep();
		signal(number, SIG_DFL);
		raise(number);
		return; /* it is blocked here, and pending until we return */
	}
	interrupted = 1;
	if (wake >= 0 && write(wake, &one, sizeof(one)) < 0)
		interrupted = 1; /* nothing else to do about it */
	errno = code;
}

void ipc_interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	if (wake < 0)
		wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool ipc_interrupted(void)
{
	return interrupted;
}

void ipc_interrupt_ignore(void)
{
	signal(SIGINT, SIG_IGN);
}

int lx_interrupt_fd(void)
{
	return wake;
}

void lx_interrupt_seen(void)
{
	uint64_t times;

	if (wake >= 0 && read(wake, &times, sizeof(times)) < 0)
		return; /* empty: somebody else has seen it */
}

struct thread {
	void (*body)(void *);
	void  *arg;
};

static void *thread_main(void *arg)
{
	struct thread thread = *(struct thread *)arg;

	free(arg);
	thread.body(thread.arg);
	return NULL;
}

enum ipc_rc ipc_thread_start(void (*body)(void *), void *arg,
			     struct ipc_err *err)
{
	struct thread *thread = malloc(sizeof(*thread));
	sigset_t all, before;
	pthread_t id;
	int code;

	if (!thread)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "thread");
	thread->body = body;
	thread->arg = arg;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&id, NULL, thread_main, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code) {
		free(thread);
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)code,
				   "pthread_create", NULL);
	}
	pthread_detach(id);
	return IPC_OK;
}
