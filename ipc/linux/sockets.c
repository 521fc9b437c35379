/* What the four transports made of UNIX domain sockets share. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ipc/linux/linux.h"

enum { BACKLOG = 4096, SOCKET_OVERHEAD = 32 };

struct ipc_listener {
	struct lx_folder folder;
	int      fd;
	unsigned caps;
	bool     reads, writes; /* this side */
	uint64_t in_buffer, out_buffer;
};

/*
 * The sender's SO_SNDBUF is all that counts.  The kernel doubles what it is
 * asked for, up to net.core.wmem_max, and charges its own overhead to it.
 */
size_t lx_socket_buffer(int fd, uint64_t asked)
{
	int is = asked > INT32_MAX / 2 ? INT32_MAX / 2 : (int)asked;
	socklen_t size = sizeof(is);

	if (asked != IPC_BUFFER_OS)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &is, sizeof(is));
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &is, &size) < 0)
		return 0;
	return (size_t)is;
}

/* Both directions carry messages in ping-pong: the smaller buffer counts. */
size_t lx_seqpacket_max(const struct ipc_opts *opts)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	size_t in = lx_socket_buffer(fd, opts->in_buffer);
	size_t out = lx_socket_buffer(fd, opts->out_buffer);
	size_t least = in < out ? in : out;

	lx_close(fd);
	return least > SOCKET_OVERHEAD ? least - SOCKET_OVERHEAD : 0;
}

/*
 * A link on one socket.  What arrives is limited by the peer's buffer, which
 * nobody can read from here; but the same kernel makes the same of the same
 * number, so it is tried on this socket before this side's own is set.
 */
static void fill(struct ipc_link *link, const char *name, int fd, bool reads,
		 bool writes, unsigned caps, uint64_t incoming,
		 uint64_t outgoing)
{
	uint64_t asked = reads ? incoming : outgoing;

	*link = (struct ipc_link)IPC_LINK_INIT;
	link->rd = reads ? fd : IPC_NO_HANDLE;
	link->wr = writes ? fd : IPC_NO_HANDLE;
	link->caps = caps;
	if (reads && writes)
		link->caps |= IPC_CAP_DUPLEX;
	link->asked_bytes = lx_asked(asked);
	link->effective_bytes = lx_socket_buffer(fd, asked);
	if (reads && writes && incoming != outgoing)
		lx_socket_buffer(fd, outgoing);
	snprintf(link->name, sizeof(link->name), "%s", name);
}

enum ipc_rc lx_socket_pair(const char *name, int type, unsigned caps,
			   const struct ipc_opts *opts, unsigned needs,
			   struct ipc_link *near_side,
			   struct ipc_link *far_side, struct ipc_err *err)
{
	bool both = needs & IPC_CAP_DUPLEX;
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return ipc_fail(err, "socketpair", name);
	caps &= ~(unsigned)IPC_CAP_DUPLEX;
	fill(near_side, name, pair[0], true, both, caps, opts->in_buffer,
	     opts->out_buffer);
	fill(far_side, name, pair[1], both, true, caps, opts->out_buffer,
	     opts->in_buffer);
	return IPC_OK;
}

static void address_of(const struct lx_folder *folder, struct sockaddr_un *to)
{
	_Static_assert((int)LX_FILE_PATH_MAX <= (int)sizeof(to->sun_path),
		       "a name must fit into a socket address");
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	lx_folder_file(folder, LX_FILE_SOCK, to->sun_path);
}

void lx_socket_unlisten(struct ipc_listener *l)
{
	if (!l)
		return;
	lx_folder_drop(&l->folder);
	lx_close(l->fd);
	free(l);
}

/* Which way this side's messages go, as the server or as the client. */
static bool sends(const struct ipc_opts *opts, unsigned needs, bool server)
{
	bool outbound = opts->direction == IPC_DIRECTION_OUTBOUND;

	return needs & IPC_CAP_DUPLEX || outbound == server;
}

static enum ipc_rc bind_and_listen(struct ipc_listener *l, int type,
				   unsigned mode, struct ipc_err *err)
{
	struct sockaddr_un at;

	l->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return ipc_fail(err, "socket", l->folder.path);
	address_of(&l->folder, &at);
	if (bind(l->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return ipc_fail(err, "bind", at.sun_path);
	if (chmod(at.sun_path, mode) < 0)
		return ipc_fail(err, "chmod", at.sun_path);
	if (listen(l->fd, BACKLOG) < 0)
		return ipc_fail(err, "listen", at.sun_path);
	return IPC_OK;
}

enum ipc_rc lx_socket_listen(const char *name, int type, unsigned caps,
			     const struct ipc_opts *opts, unsigned needs,
			     struct ipc_listener **out, struct ipc_err *err)
{
	struct ipc_listener *l = calloc(1, sizeof(*l));
	enum ipc_rc rc;

	if (!l)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "listener");
	l->fd = -1;
	l->caps = caps & ~(unsigned)IPC_CAP_DUPLEX;
	l->writes = sends(opts, needs, true);
	l->reads = sends(opts, needs, false);
	l->in_buffer = opts->in_buffer;
	l->out_buffer = opts->out_buffer;
	rc = lx_folder_make(name, lx_file_mode(opts), &l->folder, err);
	if (!rc)
		rc = bind_and_listen(l, type, lx_file_mode(opts), err);
	if (rc) {
		lx_socket_unlisten(l);
		return rc;
	}
	*out = l;
	return IPC_OK;
}

enum ipc_rc lx_socket_accept(struct ipc_listener *l, struct ipc_link *link,
			     struct ipc_err *err)
{
	int fd;

	do
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return ipc_fail(err, "accept4", l->folder.path);
	fill(link, l->folder.path, fd, l->reads, l->writes, l->caps,
	     l->in_buffer, l->out_buffer);
	return IPC_OK;
}

/* Without O_NONBLOCK a full backlog would keep the caller. */
static enum ipc_rc connect_socket(int fd, const struct lx_folder *folder,
				  struct ipc_err *err)
{
	struct sockaddr_un to;

	address_of(folder, &to);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return ipc_fail(err, "connect", to.sun_path);
	return lx_nonblock(fd, false, NULL, err);
}

enum ipc_rc lx_socket_connect(const char *name, int type, unsigned caps,
			      const struct ipc_opts *opts, unsigned needs,
			      struct ipc_link *link, struct ipc_err *err)
{
	struct lx_folder folder;
	enum ipc_rc rc = lx_folder_find(name, &folder, err);
	int fd;

	if (rc)
		return rc;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ipc_fail(err, "socket", folder.path);
	rc = connect_socket(fd, &folder, err);
	if (rc) {
		lx_close(fd);
		return rc;
	}
	fill(link, folder.path, fd, sends(opts, needs, true),
	     sends(opts, needs, false),
	     caps & ~(unsigned)IPC_CAP_DUPLEX, opts->out_buffer,
	     opts->in_buffer);
	return IPC_OK;
}
