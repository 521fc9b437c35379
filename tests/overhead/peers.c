/*
 * Other benchmarks of pipes, each from its own definition: what it sends, who
 * takes the time, what its figure is.  Nothing of theirs and nothing of ours
 * is in here, so that agreement of the two means something.
 *
 *     peers NAME SIZE COUNT CPU     prints the figure, in the peer's unit
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long size, count;
static char *data;
static int there[2], back[2]; /* parent to child, child to parent */

static double monotonic_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double wall_s(void)
{
	struct timeval t;

	gettimeofday(&t, NULL);
	return t.tv_sec + t.tv_usec / 1e6;
}

/* All of one message, with as many calls as it takes. */
static void get(int from)
{
	for (long have = 0, got; have < size; have += got)
		if ((got = read(from, data + have, size - have)) <= 0)
			_exit(1);
}

static void put(int to)
{
	if (write(to, data, size) != size)
		_exit(1);
}

static void echo_child(void)
{
	for (long left = count; left; left--) {
		get(there[0]);
		put(back[1]);
	}
	_exit(0);
}

static void sink_child(void)
{
	for (long left = count; left; left--)
		get(there[0]);
	_exit(0);
}

/* lat_pipe: us a round trip; the parent's time, after one trip to begin with. */
static double lmbench_lat(void)
{
	double start;

	count++;
	if (!fork())
		echo_child();
	put(there[1]);
	get(back[0]);
	count--;
	start = monotonic_s();
	for (long left = count; left; left--) {
		put(there[1]);
		get(back[0]);
	}
	return (monotonic_s() - start) / count * 1e6;
}

/* bw_pipe: MB (10^6) a second; the reader's time, into a buffer off alignment,
 * from its word to begin until it has everything. */
static double lmbench_bw(void)
{
	long all = size * count;
	double start;

	if (!fork()) {
		get(there[0]); /* the word */
		for (long left = count; left; left--)
			put(back[1]);
		_exit(0);
	}
	put(there[1]);
	data += 128;
	start = monotonic_s();
	for (long done = 0, got; done < all; done += got)
		if ((got = read(back[0], data, size)) <= 0)
			_exit(1);
	return all / (monotonic_s() - start) / 1e6;
}

/* sched pipe: usecs/op, an op is a round trip; wall clock around fork, both
 * loops and wait. */
static double perf_sched(void)
{
	double start = wall_s();

	if (!fork())
		echo_child();
	for (long left = count; left; left--) {
		put(there[1]);
		get(back[0]);
	}
	wait(NULL);
	return (wall_s() - start) / count * 1e6;
}

/* pipe_lat: ns, half of a round trip. */
static double rigtorp_lat(void)
{
	double start;

	if (!fork())
		echo_child();
	start = monotonic_s();
	for (long left = count; left; left--) {
		put(there[1]);
		get(back[0]);
	}
	return (monotonic_s() - start) / (count * 2) * 1e9;
}

/* pipe_thr: messages a second; the writer's time, whatever the reader has. */
static double writer_rate(double (*now)(void))
{
	double start;

	if (!fork())
		sink_child();
	start = now();
	for (long left = count; left; left--)
		put(there[1]);
	return count / (now() - start);
}

static double rigtorp_thr(void)
{
	return writer_rate(monotonic_s);
}

static double phoronix(void)
{
	return writer_rate(wall_s);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		double (*figure)(void);
	} peers[] = {
		{ "lmbench-lat-pipe", lmbench_lat },
		{ "lmbench-bw-pipe", lmbench_bw },
		{ "perf-bench-sched-pipe", perf_sched },
		{ "rigtorp-pipe-lat", rigtorp_lat },
		{ "rigtorp-pipe-thr", rigtorp_thr },
		{ "phoronix-pipe", phoronix },
	};
	cpu_set_t set;

	if (argc != 5 || pipe(there) || pipe(back))
		return 2;
	size = atol(argv[2]);
	count = atol(argv[3]);
	CPU_ZERO(&set);
	CPU_SET(atoi(argv[4]), &set);
	sched_setaffinity(0, sizeof(set), &set);
	data = aligned_alloc(4096, (size + 8191) / 4096 * 4096);
	if (!data)
		return 2;
	memset(data, 0, size);
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
		if (!strcmp(argv[1], peers[i].name)) {
			printf("%.6g\n", peers[i].figure());
			while (wait(NULL) > 0)
				;
			return 0;
		}
	return 2;
}
