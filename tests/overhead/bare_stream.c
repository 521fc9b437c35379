/* The least a program can do: one writes messages to a pipe, one reads them. */
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

int main(int argc, char **argv) /* SIZE COUNT PRODUCER_CPU CONSUMER_CPU */
{
	long size = atol(argv[1]), count = atol(argc > 4 ? argv[2] : "0"), got;
	char *data = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
	struct timespec a, b;
	int p[2];
	if (argc < 5 || !data || pipe(p))
		return 2;
	if (!fork()) {
		pin(atoi(argv[4]));
		close(p[1]);
		while (count-- > 0)
			for (long have = 0; have < size; have += got)
				if ((got = read(p[0], data + have, size - have)) <= 0)
					_exit(1);
		_exit(0);
	}
	pin(atoi(argv[3]));
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (long left = count; left; left--)
		if (write(p[1], data, size) != size)
			return 1;
	wait(NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.3f\n", ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / count);
}
