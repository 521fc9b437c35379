/*
 * What the engines avoid goes wrong indeed, and the checks see it: a ring of
 * spliced buffers that is one too small, writes in flight with nothing to
 * order them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef PM_URING
#include <liburing.h>
#endif

#include "tests/support/peer.h"
#include "tests/support/tap.h"

enum { PAGE = 4096, PLACES = 16, MESSAGES = 32, LONG = 5000 };

/* As peer_right, without a note: what is wrong here is no failure. */
static bool is_right(const char *data, size_t len, unsigned number)
{
	static char sent[LONG];

	peer_fill(sent, len, number, 1);
	return !memcmp(data, sent, len);
}

/* Read message number from a pipe; is it what was sent? */
static bool take(int rd, unsigned number)
{
	static char data[PAGE];

	return read(rd, data, PAGE) == PAGE && is_right(data, PAGE, number);
}

/*
 * The pipe is full; the buffer that comes next in a ring of so many is
 * written, as it would be by a sender that is about to send it.
 */
static unsigned wrong_with_ring_of(unsigned buffers)
{
	size_t bytes = (size_t)buffers * PAGE;
	char *ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned wrong = 0, number = 0;
	int fds[2];

	if (ring == MAP_FAILED || pipe2(fds, O_CLOEXEC) < 0 ||
	    fcntl(fds[1], F_SETPIPE_SZ, PLACES * PAGE) != PLACES * PAGE)
		return UINT32_MAX;
	for (; number < 100; number++) {
		char *slot = ring + number % buffers * PAGE;
		struct iovec one = { .iov_base = slot, .iov_len = PAGE };

		peer_fill(slot, PAGE, number, 1);
		if (number >= PLACES)
			wrong += !take(fds[0], number - PLACES);
		if (vmsplice(fds[1], &one, 1, 0) != PAGE)
			return UINT32_MAX;
	}
	for (unsigned left = number - PLACES; left < number; left++)
		wrong += !take(fds[0], left);
	close(fds[0]);
	close(fds[1]);
	munmap(ring, bytes);
	return wrong;
}

static bool a_ring_one_too_small_is_seen(void)
{
	CHECK_EQ(wrong_with_ring_of(PLACES), 100 - PLACES);
	return true;
}

static bool a_ring_that_is_large_enough(void)
{
	CHECK_EQ(wrong_with_ring_of(PLACES + 1), 0);
	return true;
}

/* The engine's own ring: with a full pipe, the next buffer may be written. */
static bool full_pipe_body(struct pair *pair, size_t size, unsigned fits)
{
	const struct ipc_engine *io = pair->far.hub->engine;
	void *next;

	CHECK(peer_send(&pair->far, 0, fits));
	next = io->reserve(pair->far.end);
	CHECK(next);
	memset(next, 0xee, size);
	CHECK(peer_receive(&pair->near, 0, fits));
	return true;
}

static bool the_engine_keeps_its_distance(void)
{
	static const size_t sizes[] = { 64, 4096, 5000, 65536 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct peer_case of = { .transport = "pipe",
					.producer = "splice",
					.consumer = "blocking",
					.smallest = sizes[i],
					.size = sizes[i],
					.buffer = PLACES * PAGE };
		size_t pages = (sizes[i] + PAGE - 1) / PAGE;
		struct pair pair;
		bool ok = pair_open(&pair, &of) &&
			  full_pipe_body(&pair, sizes[i],
					 (unsigned)(PLACES / pages));

		pair_close(&pair);
		CHECK(ok);
	}
	return true;
}

#ifdef PM_URING
struct writes {
	struct io_uring ring;
	char           *data; /* MESSAGES of LONG bytes */
	size_t          done[MESSAGES];
	int             fd;
};

static void write_rest(struct writes *w, unsigned number)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&w->ring);

	io_uring_prep_write(sqe, w->fd,
			    w->data + number * LONG + w->done[number],
			    (unsigned)(LONG - w->done[number]), (uint64_t)-1);
	io_uring_sqe_set_data64(sqe, number);
}

/* A write cut short goes on, as each of them would alone. */
static void go_on(struct writes *w)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&w->ring, &cqe) == 0) {
		unsigned number = (unsigned)cqe->user_data;

		if (cqe->res > 0)
			w->done[number] += (size_t)cqe->res;
		io_uring_cqe_seen(&w->ring, cqe);
		if (w->done[number] < LONG)
			write_rest(w, number);
	}
	io_uring_submit_and_get_events(&w->ring);
}

static unsigned count_wrong(const char *data)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < MESSAGES; i++)
		wrong += !is_right(data + i * LONG, LONG, i);
	return wrong;
}

static bool unordered_writes_are_seen(void)
{
	struct writes w = { .data = malloc(MESSAGES * LONG) };
	char *came = malloc(MESSAGES * LONG);
	size_t have = 0;
	int fds[2];

	CHECK(w.data && came);
	CHECK(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
	CHECK_EQ(fcntl(fds[1], F_SETPIPE_SZ, PAGE), PAGE);
	CHECK(io_uring_queue_init(MESSAGES * 2, &w.ring, 0) == 0);
	w.fd = fds[1];
	for (unsigned i = 0; i < MESSAGES; i++) {
		peer_fill(w.data + i * LONG, LONG, i, 1);
		write_rest(&w, i);
	}
	for (long looks = 0; looks < 10000000 && have < MESSAGES * LONG;
	     looks++) {
		ssize_t got;

		go_on(&w);
		got = read(fds[0], came + have, MESSAGES * LONG - have);
		have += got > 0 ? (size_t)got : 0;
	}
	io_uring_queue_exit(&w.ring);
	close(fds[0]);
	close(fds[1]);
	CHECK_EQ(have, MESSAGES * LONG); /* nothing lost: it is the order */
	CHECK(count_wrong(came) > 0);
	free(came);
	free(w.data);
	return true;
}
#endif

int main(int argc, char **argv)
{
	const struct ipc_engine *io = ipc_find_engine("uring")->it;
	struct ipc_err err = { .rc = IPC_OK };

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(180);
	TEST(a_ring_one_too_small_is_seen);
	TEST(a_ring_that_is_large_enough);
	TEST(the_engine_keeps_its_distance);
	if (io->probe(&err)) {
		tap_skip("unordered_writes_are_seen", err.what);
		return tap_done();
	}
#ifdef PM_URING
	TEST(unordered_writes_are_seen);
#endif
	return tap_done();
}
