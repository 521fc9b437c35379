/* The least a program can do: a message there over a pipe, and one back. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pin(int cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int pass(int from, int to, char *data, long size)
{
	for (long have = 0, got; have < size; have += got)
		if ((got = read(from, data + have, size - have)) <= 0)
			return -1;
	return to >= 0 && write(to, data, size) != size;
}

int main(int argc, char **argv) /* SIZE COUNT PRODUCER_CPU CONSUMER_CPU */
{
	long size = atol(argv[1]), count = atol(argc > 4 ? argv[2] : "0");
	char *data = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
	struct timespec a, b;
	int p[2], q[2];
	if (argc < 5 || !data || pipe(p) || pipe(q))
		return 2;
	if (!fork()) {
		pin(atoi(argv[4]));
		while (count-- > 0 && !pass(p[0], q[1], data, size));
		_exit(0);
	}
	pin(atoi(argv[3]));
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (long left = count; left; left--)
		if (write(p[1], data, size) != size || pass(q[0], -1, data, size))
			return 1;
	clock_gettime(CLOCK_MONOTONIC, &b);
	wait(NULL);
	printf("%.3f\n", ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / count);
}
