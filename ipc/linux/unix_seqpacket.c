#include <sys/socket.h>

#include "ipc/linux/linux.h"
#include "ipc/list.h"

enum { CAPS = LX_CAPS | IPC_CAP_DUPLEX | IPC_CAP_MESSAGE | IPC_CAP_EMPTY };

static enum ipc_rc listen_at(const char *name, const struct ipc_opts *opts,
			     unsigned needs, struct ipc_listener **out,
			     struct ipc_err *err)
{
	return lx_socket_listen(name, SOCK_SEQPACKET, CAPS, opts, needs, out,
				err);
}

static enum ipc_rc connect_to(const char *name, const struct ipc_opts *opts,
			      unsigned needs, struct ipc_link *link,
			      struct ipc_err *err)
{
	return lx_socket_connect(name, SOCK_SEQPACKET, CAPS, opts, needs, link,
				 err);
}

const struct ipc_transport ipc_transport_unix_seqpacket = {
	.name = "unix-seqpacket",
	.summary = "UNIX domain socket: duplex messages, connections",
	.gives = CAPS,
	.makes = "mkdir(0700), socket(AF_UNIX, SOCK_SEQPACKET), bind, chmod, "
		 "listen, "
		 "accept4, setsockopt(SO_SNDBUF)",
	.joins = "socket(AF_UNIX, SOCK_SEQPACKET), connect, setsockopt(SO_SNDBUF)",
	.knobs = "direction name wait buffer in-buffer out-buffer "
		 "write-through clients security impersonate",
	.message_max = lx_seqpacket_max,
	.listen = listen_at,
	.accept = lx_socket_accept,
	.connect = connect_to,
	.unlisten = lx_socket_unlisten,
};
