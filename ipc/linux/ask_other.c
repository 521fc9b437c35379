/* Threads, io_uring, clocks. */
#include "ipc/linux/ask.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>


struct reader {
	int         fd;
	ssize_t     got;
	atomic_long thread; /* its number, once it goes to read */
};

static void *read_byte(void *arg)
{
	struct reader *r = arg;
	char byte;

	atomic_store(&r->thread, syscall(SYS_gettid));
	r->got = read(r->fd, &byte, 1);
	return NULL;
}

static bool sleeps(long thread)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/stat", thread);
	file = fopen(path, "r");
	if (file && fscanf(file, "%*[^)]) %c", &state) != 1)
		state = '?';
	if (file)
		fclose(file);
	return state == 'S';
}

/* Until the thread waits in its read; where nobody tells, long enough. */
static void await_sleep(struct reader *r)
{
	enum { STEP_US = 1000, STEPS = 1000 };

	for (int i = 0; i < STEPS; i++) {
		long thread = atomic_load(&r->thread);

		if (thread && sleeps(thread))
			return;
		usleep(STEP_US);
	}
}

/* A byte through the other end is what ends it. */
void ask_close_behind(struct ipc_answer *a)
{
	struct reader r = { .got = -1 };
	pthread_t thread;
	int fds[2];

	if (!ask_pipe(a, 0, fds))
		return;
	r.fd = fds[0];
	if (pthread_create(&thread, NULL, read_byte, &r)) {
		ipc_not_asked(a, "no thread");
		ask_done(fds);
		return;
	}
	await_sleep(&r);
	ask_close(&fds[0]);
	/* without the read that goes on nobody would be there to take it */
	if (write(fds[1], "x", 1) != 1)
		ask_close(&fds[1]);
	pthread_join(thread, NULL);
	ipc_saw(a, r.got == 1 ? "the read goes on" : "the read ends");
	ask_done(fds);
}

/* The kernel's answer, whether or not this program was built with liburing. */
void ask_uring(struct ipc_answer *a)
{
	char params[120] = { 0 };
	long fd = syscall(SYS_io_uring_setup, 2, params);

	ipc_saw(a, "%s", fd < 0 ? strerrorname_np(errno) : "there");
	if (fd >= 0)
		close((int)fd);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void ask_clock(struct ipc_answer *a)
{
	enum { CALLS = 10000 };
	uint64_t start = now_ns();

	for (int i = 1; i < CALLS; i++)
		now_ns();
	ipc_saw(a, "%.0f ns a call", (double)(now_ns() - start) / CALLS);
}

void ask_sleep(struct ipc_answer *a)
{
	enum { SLEEPS = 20 };
	const struct timespec nap = { .tv_nsec = 50000 };
	uint64_t start = now_ns();

	for (int i = 0; i < SLEEPS; i++)
		nanosleep(&nap, NULL);
	ipc_saw(a, "%.0f us", (double)(now_ns() - start) / SLEEPS / 1000);
}
