/* Pipes, packet pipes, FIFOs. */
#include "ipc/linux/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, CAPACITY = 65536 };

/* One that is full. */
static bool full_pipe(struct ipc_answer *a, int fds[2])
{
	if (!ask_pipe(a, O_NONBLOCK, fds))
		return false;
	ask_fill(fds[1], PAGE);
	return true;
}

void ask_capacity(struct ipc_answer *a)
{
	int fds[2];

	if (!ask_pipe(a, 0, fds))
		return;
	ipc_saw(a, "%d", fcntl(fds[1], F_GETPIPE_SZ));
	ask_done(fds);
}

void ask_small_writes(struct ipc_answer *a)
{
	int fds[2];

	if (!ask_pipe(a, O_NONBLOCK, fds))
		return;
	ipc_saw(a, "%u", ask_fill(fds[1], 1));
	ask_done(fds);
}

void ask_rounding(struct ipc_answer *a)
{
	int fds[2], got;

	if (!ask_pipe(a, 0, fds))
		return;
	got = fcntl(fds[1], F_SETPIPE_SZ, 5000);
	if (got < 0)
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%d", got);
	ask_done(fds);
}

void ask_shrink(struct ipc_answer *a)
{
	int fds[2];

	if (!full_pipe(a, fds))
		return;
	ipc_saw_code(a, ask_code(fcntl(fds[1], F_SETPIPE_SZ, PAGE)));
	ask_done(fds);
}

/* Whoever may do all sets it. */
void ask_too_large(struct ipc_answer *a)
{
	enum { TWICE_THE_LIMIT = 2 << 20 };
	int fds[2];

	if (!ask_pipe(a, 0, fds))
		return;
	ipc_saw_code(a, ask_code(fcntl(fds[1], F_SETPIPE_SZ,
				       TWICE_THE_LIMIT)));
	ask_done(fds);
}

static void write_into(struct ipc_answer *a, size_t room, size_t size)
{
	static char data[CAPACITY];
	ssize_t sent;
	int fds[2];

	if (!ask_pipe(a, O_NONBLOCK, fds))
		return;
	sent = write(fds[1], data, CAPACITY - room);
	if (sent == (ssize_t)(CAPACITY - room))
		sent = write(fds[1], data, size);
	if (sent < 0)
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%zd bytes taken", sent);
	ask_done(fds);
}

void ask_partial(struct ipc_answer *a)
{
	write_into(a, PAGE, 2 * PAGE);
}

void ask_atomic(struct ipc_answer *a)
{
	write_into(a, 100, PAGE);
}

static void writable_after(struct ipc_answer *a, size_t bytes)
{
	struct pollfd look = { .events = POLLOUT };
	char data[PAGE];
	int fds[2];

	if (!full_pipe(a, fds))
		return;
	look.fd = fds[1];
	if (read(fds[0], data, bytes) != (ssize_t)bytes)
		ipc_not_asked(a, "the pipe was not full");
	else
		ipc_saw(a, poll(&look, 1, 0) == 1 ? "yes" : "no");
	ask_done(fds);
}

void ask_pollout(struct ipc_answer *a)
{
	writable_after(a, 100);
}

void ask_pollout_page(struct ipc_answer *a)
{
	writable_after(a, PAGE);
}

void ask_pipe_unread(struct ipc_answer *a)
{
	char data[77] = { 0 };
	int fds[2], waiting = -1;

	if (!ask_pipe(a, O_NONBLOCK, fds))
		return;
	if (write(fds[1], data, sizeof(data)) != sizeof(data) ||
	    ioctl(fds[1], FIONREAD, &waiting))
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%d", waiting);
	ask_done(fds);
}

void ask_no_reader(struct ipc_answer *a)
{
	void (*before)(int);
	int fds[2];

	if (!ask_pipe(a, 0, fds))
		return;
	ask_close(&fds[0]);
	before = signal(SIGPIPE, SIG_IGN);
	ipc_saw_code(a, ask_code(write(fds[1], "x", 1)));
	signal(SIGPIPE, before);
	ask_done(fds);
}

void ask_writer_gone(struct ipc_answer *a)
{
	char data[8];
	int fds[2];
	ssize_t sent, first;

	if (!ask_pipe(a, O_NONBLOCK, fds))
		return;
	sent = write(fds[1], "last", 4);
	ask_close(&fds[1]);
	first = read(fds[0], data, sizeof(data));
	if (sent != 4 || first != 4)
		ipc_saw(a, "%zd bytes", first);
	else if (read(fds[0], data, sizeof(data)))
		ipc_saw(a, "the data, then something else");
	else
		ipc_saw(a, "the data, then 0");
	ask_done(fds);
}

void ask_packet_split(struct ipc_answer *a)
{
	static char data[5000];
	ssize_t first, second;
	int fds[2];

	if (!ask_pipe(a, O_NONBLOCK | O_DIRECT, fds))
		return;
	if (write(fds[1], data, sizeof(data)) != sizeof(data)) {
		ipc_saw_code(a, (unsigned)errno);
	} else {
		first = read(fds[0], data, sizeof(data));
		second = read(fds[0], data, sizeof(data));
		ipc_saw(a, "%zd and %zd", first, second);
	}
	ask_done(fds);
}

void ask_packet_short(struct ipc_answer *a)
{
	char data[10] = { 0 };
	int fds[2];

	if (!ask_pipe(a, O_NONBLOCK | O_DIRECT, fds))
		return;
	if (write(fds[1], data, 10) != 10 || read(fds[0], data, 4) != 4)
		ipc_not_asked(a, "no packet went through");
	else
		ipc_saw(a, read(fds[0], data, 10) < 0 ? "lost" : "kept");
	ask_done(fds);
}

void ask_packet_slots(struct ipc_answer *a)
{
	int fds[2];

	if (!ask_pipe(a, O_NONBLOCK | O_DIRECT, fds))
		return;
	ipc_saw(a, "%u", ask_fill(fds[1], 1));
	ask_done(fds);
}

/* FIFOs: what an open with those flags says. */
static int open_fifo(struct ipc_answer *a, int flags)
{
	struct ask_folder f;
	int fd;

	if (!ask_folder(a, &f))
		return -1;
	fd = mkfifo(f.name, 0600);
	if (!fd)
		fd = open(f.name, flags | O_NONBLOCK | O_CLOEXEC);
	ipc_saw_code(a, ask_code(fd));
	ask_folder_done(&f);
	return fd;
}

void ask_fifo_no_reader(struct ipc_answer *a)
{
	int fd = open_fifo(a, O_WRONLY);

	ask_close(&fd);
}

void ask_fifo_packet_open(struct ipc_answer *a)
{
	int fd = open_fifo(a, O_RDWR | O_DIRECT);

	ask_close(&fd);
}

void ask_fifo_packet_set(struct ipc_answer *a)
{
	int fd = open_fifo(a, O_RDWR);

	if (fd >= 0)
		ipc_saw_code(a, ask_code(fcntl(fd, F_SETFL,
					       O_NONBLOCK | O_DIRECT)));
	ask_close(&fd);
}

void ask_fifo_twice(struct ipc_answer *a)
{
	struct ask_folder f;

	if (!ask_folder(a, &f))
		return;
	if (mkfifo(f.name, 0600))
		ipc_not_asked(a, "no FIFO: %s", strerrorname_np(errno));
	else
		ipc_saw_code(a, ask_code(mkfifo(f.name, 0600)));
	ask_folder_done(&f);
}
