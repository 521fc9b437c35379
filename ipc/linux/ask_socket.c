/* UNIX sockets: lengths, ends, names. */
#include "ipc/linux/ask.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

void ask_socket_small(struct ipc_answer *a)
{
	int fds[2];
	unsigned count;

	if (!ask_sockets(a, SOCK_STREAM | SOCK_NONBLOCK, fds))
		return;
	count = ask_fill(fds[1], 1);
	ipc_saw(a, "%s (%u)", count < 65536 ? "fewer than a pipe"
					    : "as many as a pipe", count);
	ask_done(fds);
}

static void send_sndbuf_less(struct ipc_answer *a, int less)
{
	int fds[2], limit = 0;
	socklen_t size = sizeof(limit);
	char *data;

	if (!ask_sockets(a, SOCK_SEQPACKET | SOCK_NONBLOCK, fds))
		return;
	getsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &limit, &size);
	data = calloc(1, (size_t)limit);
	if (!data || limit <= less)
		ipc_not_asked(a, "SO_SNDBUF is %d", limit);
	else
		ipc_saw_code(a, ask_code(send(fds[1], data,
					      (size_t)(limit - less), 0)));
	free(data);
	ask_done(fds);
}

void ask_largest(struct ipc_answer *a)
{
	send_sndbuf_less(a, 32);
}

void ask_too_long(struct ipc_answer *a)
{
	send_sndbuf_less(a, 0);
}

/* A message of 10 bytes is on its way to fds[0]. */
static bool one_message(struct ipc_answer *a, int fds[2])
{
	if (!ask_sockets(a, SOCK_SEQPACKET | SOCK_NONBLOCK, fds))
		return false;
	if (send(fds[1], "0123456789", 10, 0) == 10)
		return true;
	ipc_not_asked(a, "no message went out");
	ask_done(fds);
	return false;
}

void ask_short_read(struct ipc_answer *a)
{
	char data[10];
	int fds[2];

	if (!one_message(a, fds))
		return;
	if (recv(fds[0], data, 4, 0) != 4)
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, recv(fds[0], data, 10, 0) < 0 ? "lost" : "kept");
	ask_done(fds);
}

void ask_true_length(struct ipc_answer *a)
{
	char data[4];
	int fds[2];

	if (!one_message(a, fds))
		return;
	ipc_saw(a, "%zd", recv(fds[0], data, 4, MSG_TRUNC));
	ask_done(fds);
}

void ask_empty(struct ipc_answer *a)
{
	char data[4];
	int fds[2];

	if (!ask_sockets(a, SOCK_SEQPACKET | SOCK_NONBLOCK, fds))
		return;
	if (send(fds[1], "", 0, 0))
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%zd bytes", recv(fds[0], data, 4, 0));
	ask_done(fds);
}

static void with_credentials(struct ipc_answer *a, bool ends)
{
	_Alignas(struct cmsghdr) char control[256];
	char data[4];
	struct iovec into = { data, sizeof(data) };
	struct msghdr got = { .msg_iov = &into, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fds[2], yes = 1;
	ssize_t bytes;

	if (!ask_sockets(a, SOCK_SEQPACKET | SOCK_NONBLOCK, fds))
		return;
	setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes));
	if (ends)
		ask_close(&fds[1]);
	else if (send(fds[1], "", 0, 0))
		ipc_saw_code(a, (unsigned)errno);
	bytes = recvmsg(fds[0], &got, 0);
	ipc_saw(a, "%zd bytes %s credentials", bytes,
		bytes >= 0 && got.msg_controllen ? "with" : "without");
	ask_done(fds);
}

void ask_empty_credentials(struct ipc_answer *a)
{
	with_credentials(a, false);
}

void ask_end_credentials(struct ipc_answer *a)
{
	with_credentials(a, true);
}

void ask_first_length(struct ipc_answer *a)
{
	int fds[2], waiting = -1;

	if (!ask_sockets(a, SOCK_SEQPACKET | SOCK_NONBLOCK, fds))
		return;
	if (send(fds[1], "123", 3, 0) != 3 || send(fds[1], "12345", 5, 0) != 5 ||
	    ioctl(fds[0], FIONREAD, &waiting))
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%d", waiting);
	ask_done(fds);
}

void ask_outstanding(struct ipc_answer *a)
{
	int fds[2], before = -1, after = -1;
	char data[4];

	if (!ask_sockets(a, SOCK_STREAM | SOCK_NONBLOCK, fds))
		return;
	if (send(fds[1], "123", 3, 0) != 3 ||
	    ioctl(fds[1], SIOCOUTQ, &before) ||
	    recv(fds[0], data, 4, 0) != 3 || ioctl(fds[1], SIOCOUTQ, &after))
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, "%s, then %d", before > 0 ? "more than 0" : "0",
			after);
	ask_done(fds);
}

void ask_reset(struct ipc_answer *a)
{
	char data[4];
	int fds[2];

	if (!ask_sockets(a, SOCK_STREAM | SOCK_NONBLOCK, fds))
		return;
	if (send(fds[0], "x", 1, 0) != 1)
		ipc_not_asked(a, "nothing was sent");
	ask_close(&fds[1]);
	ipc_saw_code(a, ask_code(recv(fds[0], data, 4, 0)));
	ask_done(fds);
}

void ask_kept(struct ipc_answer *a)
{
	char data[4];
	int fds[2];

	if (!ask_sockets(a, SOCK_STREAM | SOCK_NONBLOCK, fds))
		return;
	if (send(fds[1], "x", 1, 0) != 1)
		ipc_not_asked(a, "nothing was sent");
	ask_close(&fds[1]);
	ipc_saw(a, recv(fds[0], data, 4, 0) == 1 ? "readable" : "lost");
	ask_done(fds);
}

void ask_half_close(struct ipc_answer *a)
{
	char data[4];
	int fds[2];
	bool ended, answered;

	if (!ask_sockets(a, SOCK_STREAM | SOCK_NONBLOCK, fds))
		return;
	ended = !shutdown(fds[0], SHUT_WR) && !recv(fds[1], data, 4, 0);
	answered = send(fds[1], "x", 1, 0) == 1 &&
		   recv(fds[0], data, 4, 0) == 1;
	ipc_saw(a, ended && answered ? "arrives" : "does not arrive");
	ask_done(fds);
}

/* Names. */

static struct sockaddr_un address(const struct ask_folder *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->name);
	return at;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A socket at f->name; -1: none. */
static int bound(const struct ask_folder *f, int backlog)
{
	struct sockaddr_un at = address(f);
	int fd = new_socket();

	if (!bind(fd, (struct sockaddr *)&at, sizeof(at)) &&
	    !listen(fd, backlog))
		return fd;
	ask_close(&fd);
	return -1;
}

static unsigned join(const struct ask_folder *f, int *fd)
{
	struct sockaddr_un at = address(f);

	*fd = new_socket();
	return ask_code(connect(*fd, (struct sockaddr *)&at, sizeof(at)));
}

void ask_nobody(struct ipc_answer *a)
{
	struct ask_folder f;
	int fd;

	if (!ask_folder(a, &f))
		return;
	ipc_saw_code(a, join(&f, &fd));
	ask_close(&fd);
	ask_folder_done(&f);
}

void ask_stale(struct ipc_answer *a)
{
	struct ask_folder f;
	int fd;

	if (!ask_folder(a, &f))
		return;
	fd = bound(&f, 1);
	ask_close(&fd);
	ipc_saw_code(a, join(&f, &fd));
	ask_close(&fd);
	ask_folder_done(&f);
}

void ask_taken(struct ipc_answer *a)
{
	struct ask_folder f;
	struct sockaddr_un at;
	int first, second;

	if (!ask_folder(a, &f))
		return;
	at = address(&f);
	first = bound(&f, 1);
	second = new_socket();
	ipc_saw_code(a, ask_code(bind(second, (struct sockaddr *)&at,
				      sizeof(at))));
	ask_close(&first);
	ask_close(&second);
	ask_folder_done(&f);
}

void ask_backlog(struct ipc_answer *a)
{
	enum { MOST = 8 };
	struct ask_folder f;
	int server, clients[MOST];
	unsigned code = 0, in = 0, made = 0;

	if (!ask_folder(a, &f))
		return;
	server = bound(&f, 1);
	for (; made < MOST && !code; made++) {
		code = join(&f, &clients[made]);
		in += !code;
	}
	ipc_saw(a, "%u, then %s", in, code ? strerrorname_np((int)code)
					   : "more");
	while (made)
		ask_close(&clients[--made]);
	ask_close(&server);
	ask_folder_done(&f);
}

void ask_peer(struct ipc_answer *a)
{
	struct ucred who = { .pid = 0 };
	socklen_t size = sizeof(who);
	int fds[2];

	if (!ask_sockets(a, SOCK_STREAM, fds))
		return;
	if (getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, &size))
		ipc_saw_code(a, (unsigned)errno);
	else
		ipc_saw(a, who.pid == getpid() && who.uid == geteuid()
				   ? "the peer" : "somebody else");
	ask_done(fds);
}

void ask_pidfd(struct ipc_answer *a)
{
	socklen_t size = sizeof(int);
	int fds[2], fd = -1;

	if (!ask_sockets(a, SOCK_STREAM, fds))
		return;
	ipc_saw_code(a, ask_code(getsockopt(fds[0], SOL_SOCKET, SO_PEERPIDFD,
					    &fd, &size)));
	ask_close(&fd);
	ask_done(fds);
}
