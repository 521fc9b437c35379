/*
 * The fastest known way through a pipe, after the program of "How fast are
 * Linux pipes anyway?": two halves of a buffer of huge pages are given to a
 * pipe that holds one of them, and what comes goes to the null device unseen.
 * Busy: neither side sleeps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 << 20 };

static void pin(int cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int throw_away(int rd, long size, long count, unsigned flags)
{
	int null = open("/dev/null", O_WRONLY);
	for (long left = size * count, got; left; left -= got) {
		got = splice(rd, NULL, null, NULL, size, SPLICE_F_MOVE | flags);
		if (got < 0 && errno == EAGAIN)
			got = 0;
		else if (got <= 0)
			return 1;
	}
	return 0;
}

static int give(int wr, char *half, long size, unsigned flags)
{
	struct iovec rest = { half, size };
	while (rest.iov_len) {
		long sent = vmsplice(wr, &rest, 1, flags);
		if (sent < 0 && errno != EAGAIN)
			return 1;
		rest.iov_base = (char *)rest.iov_base + (sent < 0 ? 0 : sent);
		rest.iov_len -= sent < 0 ? 0 : sent;
	}
	return 0;
}

int main(int argc, char **argv) /* SIZE COUNT PRODUCER_CPU CONSUMER_CPU HUGE BUSY */
{
	long size = atol(argv[1]), count = atol(argc > 6 ? argv[2] : "0");
	long all = (2 * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	char *data = aligned_alloc(HUGE_PAGE, all);
	unsigned flags = argc > 6 && *argv[6] == '1' ? SPLICE_F_NONBLOCK : 0;
	struct timespec a, b;
	int p[2], status;
	if (argc < 7 || !data || pipe(p) || fcntl(p[1], F_SETPIPE_SZ, size) < size)
		return 2;
	if (*argv[5] == '1')
		madvise(data, all, MADV_HUGEPAGE);
	memset(data, 'x', all);
	if (!fork()) {
		pin(atoi(argv[4]));
		close(p[1]);
		_exit(throw_away(p[0], size, count, flags));
	}
	pin(atoi(argv[3]));
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (long i = 0; i < count; i++)
		if (give(p[1], data + i % 2 * size, size, flags))
			return 1;
	wait(&status);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.3f\n", ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / count);
	return status != 0;
}
