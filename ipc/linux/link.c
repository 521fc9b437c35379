/* Links as such, whatever transport made them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "ipc/clock.h"
#include "ipc/linux/linux.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

void ipc_link_close(struct ipc_link *link)
{
	ipc_handle_close(link->rd);
	if (link->wr != link->rd)
		ipc_handle_close(link->wr);
	*link = (struct ipc_link)IPC_LINK_INIT;
}

/* "pipe:[4711]", as the system calls it. */
static void ask_name(int fd, char *name, size_t size)
{
	char path[40];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, name, size - 1);
	if (len < 0)
		len = snprintf(name, size, "descriptor %d", fd);
	name[len] = '\0';
}

static enum ipc_rc probe_socket(int fd, struct ipc_link *link,
				struct ipc_err *err)
{
	int type = 0;
	socklen_t size = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return ipc_fail(err, "getsockopt", link->name);
	if (type == SOCK_STREAM)
		link->caps |= IPC_CAP_STREAM;
	else if (type == SOCK_SEQPACKET)
		link->caps |= IPC_CAP_MESSAGE | IPC_CAP_EMPTY;
	else
		return ipc_refusef(err, IPC_UNSUPPORTED, "link",
				   "%.80s is a socket of type %d: stream and "
				   "seqpacket are supported", link->name, type);
	link->effective_bytes = lx_socket_buffer(fd, IPC_BUFFER_OS);
	return IPC_OK;
}

static enum ipc_rc probe(int fd, bool reads, struct ipc_link *link,
			 struct ipc_err *err)
{
	int flags, forbidden;
	struct stat is;

	ask_name(fd, link->name, sizeof(link->name));
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fstat(fd, &is) < 0)
		return ipc_fail(err, "fstat", link->name);
	forbidden = reads ? O_WRONLY : O_RDONLY;
	if ((flags & O_ACCMODE) == forbidden)
		return ipc_refusef(err, IPC_INVALID, "link",
				   "descriptor %d (%.80s) cannot be %s", fd,
				   link->name, reads ? "read" : "written to");
	link->caps = LX_CAPS;
	if (S_ISSOCK(is.st_mode))
		return probe_socket(fd, link, err);
	if (!S_ISFIFO(is.st_mode))
		return ipc_refusef(err, IPC_INVALID, "link",
				   "descriptor %d (%.80s) is neither a pipe nor "
				   "a socket", fd, link->name);
	link->caps |= flags & O_DIRECT ? IPC_CAP_MESSAGE
				       : IPC_CAP_STREAM | IPC_CAP_PIPE;
	link->effective_bytes = lx_pipe_buffer(fd, IPC_BUFFER_OS);
	return IPC_OK;
}

enum ipc_rc ipc_link_adopt(ipc_handle rd, ipc_handle wr, struct ipc_link *link,
			   struct ipc_err *err)
{
	struct ipc_link made = IPC_LINK_INIT;
	bool both = rd != IPC_NO_HANDLE && wr != IPC_NO_HANDLE;
	enum ipc_rc rc = IPC_OK;

	if (rd == IPC_NO_HANDLE && wr == IPC_NO_HANDLE)
		return ipc_refuse(err, IPC_INVALID, "link", "no descriptor");
	made.rd = rd;
	made.wr = wr;
	if (wr != IPC_NO_HANDLE)
		rc = probe((int)wr, false, &made, err);
	if (!rc && rd != IPC_NO_HANDLE) /* last: the receiving direction */
		rc = probe((int)rd, true, &made, err);
	if (!rc && rd != IPC_NO_HANDLE)
		rc = lx_cloexec((int)rd, true, err);
	if (!rc && wr != IPC_NO_HANDLE)
		rc = lx_cloexec((int)wr, true, err);
	if (rc)
		return rc;
	if (both)
		made.caps |= IPC_CAP_DUPLEX;
	*link = made;
	return IPC_OK;
}

static bool peer_left(int fd)
{
	struct pollfd peer = { .fd = fd, .events = POLLOUT };

	return poll(&peer, 1, 0) > 0 && peer.revents & (POLLERR | POLLHUP);
}

/* A socket throws away what its peer leaves unread, and says so here. */
static uint32_t pending_error(int fd)
{
	socklen_t size = sizeof(int);
	int code = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
	return (uint32_t)code;
}

enum ipc_rc ipc_link_drain(const struct ipc_link *link, uint64_t poll_ns,
			   struct ipc_err *err)
{
	int fd = (int)link->wr, left = 1;
	unsigned long question;
	struct stat is;

	if (link->wr == IPC_NO_HANDLE)
		return ipc_refuse(err, IPC_INVALID, "drain",
				  "nothing is sent on this side");
	if (fstat(fd, &is) < 0)
		return ipc_fail(err, "fstat", link->name);
	question = S_ISSOCK(is.st_mode) ? SIOCOUTQ : FIONREAD;
	for (;;) {
		bool gone = peer_left(fd); /* first: then left is final */
		uint32_t code = gone ? pending_error(fd) : 0;

		if (ioctl(fd, question, &left) < 0)
			return ipc_fail(err, "ioctl", link->name);
		if (gone && (left || code))
			return ipc_fail_io(err, IPC_WAY_WRITE,
					   code ? code : EPIPE, "drain",
					   link->name);
		if (!left)
			return IPC_OK;
		if (poll_ns)
			ipc_sleep_ns(poll_ns);
		else /* one real-time CPU: the peer has to get it to read */
			ipc_yield();
	}
}

enum ipc_rc ipc_link_peer(const struct ipc_link *link, char *text, size_t size,
			  struct ipc_err *err)
{
	int fd = (int)(link->rd == IPC_NO_HANDLE ? link->wr : link->rd);
	struct ucred who;
	socklen_t room = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &room) < 0)
		return ipc_fail(err, "getsockopt(SO_PEERCRED)", link->name);
	snprintf(text, size, "client by SO_PEERCRED: uid %u, gid %u",
		 (unsigned)who.uid, (unsigned)who.gid);
	return IPC_OK;
}
