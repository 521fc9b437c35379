#include "ipc/linux/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct ipc_claim ipc_claims[] = {
	{ "capacity of a new pipe", "65536", NULL, ask_capacity },
	{ "writes of one byte that a pipe of 65536 takes", "65536", NULL,
	  ask_small_writes },
	{ "5000 bytes asked for", "8192", NULL, ask_rounding },
	{ "a pipe made smaller than what is in it", "EBUSY", NULL,
	  ask_shrink },
	{ "a pipe larger than pipe-max-size", "EPERM or succeeds", NULL,
	  ask_too_large },
	{ "8192 bytes into 4096 of room, non-blocking", "4096 bytes taken",
	  NULL, ask_partial },
	{ "4096 bytes into 100 of room, non-blocking", "EAGAIN", NULL,
	  ask_atomic },
	{ "POLLOUT of a full pipe after 100 bytes were read", "no", NULL,
	  ask_pollout },
	{ "POLLOUT of a full pipe after a page was read", "yes", NULL,
	  ask_pollout_page },
	{ "unread bytes, asked at the end that writes", "77", NULL,
	  ask_pipe_unread },
	{ "write to a pipe without a reader", "EPIPE", NULL, ask_no_reader },
	{ "read of a pipe whose writer has closed", "the data, then 0", NULL,
	  ask_writer_gone },
	{ "a packet of 5000 bytes arrives as", "4096 and 904", NULL,
	  ask_packet_split },
	{ "the rest of a packet that was read in part", "lost", NULL,
	  ask_packet_short },
	{ "packets of one byte that a packet pipe takes", "16", NULL,
	  ask_packet_slots },
	{ "a FIFO opened to write, non-blocking, without a reader", "ENXIO",
	  NULL, ask_fifo_no_reader },
	{ "mkfifo where one is", "EEXIST", NULL, ask_fifo_twice },
	{ "a FIFO opened with O_DIRECT", "EINVAL", NULL,
	  ask_fifo_packet_open },
	{ "O_DIRECT set on an open FIFO", "succeeds", NULL,
	  ask_fifo_packet_set },
	{ "sends of one byte that a UNIX stream takes", "fewer than a pipe",
	  NULL, ask_socket_small },
	{ "a seqpacket message of SO_SNDBUF - 32 bytes", "succeeds", NULL,
	  ask_largest },
	{ "a seqpacket message of SO_SNDBUF bytes", "EMSGSIZE", NULL,
	  ask_too_long },
	{ "the rest of a seqpacket message that was read in part", "lost",
	  NULL, ask_short_read },
	{ "what MSG_TRUNC says of a message of 10 read into 4", "10", NULL,
	  ask_true_length },
	{ "an empty seqpacket message is read as", "0 bytes", NULL,
	  ask_empty },
	{ "the same with SO_PASSCRED", "0 bytes with credentials", NULL,
	  ask_empty_credentials },
	{ "the end of a seqpacket stream with SO_PASSCRED",
	  "0 bytes without credentials", NULL, ask_end_credentials },
	{ "FIONREAD of messages of 3 and 5 bytes", "8", NULL,
	  ask_first_length },
	{ "SIOCOUTQ before and after the peer has read", "more than 0, then 0",
	  NULL, ask_outstanding },
	{ "read after the peer closed with unread input", "ECONNRESET", NULL,
	  ask_reset },
	{ "what a peer that closed had sent", "readable", NULL, ask_kept },
	{ "an answer after SHUT_WR", "arrives", NULL, ask_half_close },
	{ "connect where nothing is", "ENOENT", NULL, ask_nobody },
	{ "connect to the file of a server that is gone", "ECONNREFUSED",
	  NULL, ask_stale },
	{ "bind where a file is", "EADDRINUSE", NULL, ask_taken },
	{ "clients that a backlog of 1 lets in unaccepted", "2, then EAGAIN",
	  NULL, ask_backlog },
	{ "SO_PEERCRED names", "the peer", NULL, ask_peer },
	{ "SO_PEERPIDFD (6.5)", "succeeds or ENOPROTOOPT", NULL, ask_pidfd },
	{ "close of a pipe that another thread reads", "the read goes on",
	  NULL, ask_close_behind },
	{ "io_uring", NULL, NULL, ask_uring },
	{ "CLOCK_MONOTONIC", NULL, NULL, ask_clock },
	{ "nanosleep of 50 us", NULL, NULL, ask_sleep },
	{ NULL, NULL, NULL, NULL }
};

unsigned ask_code(long result)
{
	return result < 0 ? (unsigned)errno : 0;
}

bool ask_pipe(struct ipc_answer *a, int flags, int fds[2])
{
	if (!pipe2(fds, flags | O_CLOEXEC))
		return true;
	ipc_not_asked(a, "no pipe: %s", strerrorname_np(errno));
	return false;
}

bool ask_sockets(struct ipc_answer *a, int type, int fds[2])
{
	if (!socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds))
		return true;
	ipc_not_asked(a, "no sockets: %s", strerrorname_np(errno));
	return false;
}

void ask_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ask_done(int fds[2])
{
	ask_close(&fds[0]);
	ask_close(&fds[1]);
}

unsigned ask_fill(int fd, size_t size)
{
	static const char data[65536];
	unsigned count = 0;

	while (write(fd, data, size) == (ssize_t)size)
		count++;
	return errno == EAGAIN ? count : 0;
}

bool ask_folder(struct ipc_answer *a, struct ask_folder *f)
{
	const char *parent = getenv("TMPDIR");

	*f = (struct ask_folder){ .name = "" };
	snprintf(f->path, sizeof(f->path), "%.40s/pipemark-self-XXXXXX",
		 parent && *parent && strlen(parent) <= 40 ? parent : "/tmp");
	if (!mkdtemp(f->path)) {
		ipc_not_asked(a, "no folder: %s", strerrorname_np(errno));
		return false;
	}
	snprintf(f->name, sizeof(f->name), "%s/it", f->path);
	return true;
}

void ask_folder_done(struct ask_folder *f)
{
	unlink(f->name);
	rmdir(f->path);
}
