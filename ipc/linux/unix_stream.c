#include <sys/socket.h>

#include "ipc/linux/linux.h"
#include "ipc/list.h"

enum { CAPS = LX_CAPS | IPC_CAP_DUPLEX | IPC_CAP_STREAM };

static enum ipc_rc listen_at(const char *name, const struct ipc_opts *opts,
			     unsigned needs, struct ipc_listener **out,
			     struct ipc_err *err)
{
	return lx_socket_listen(name, SOCK_STREAM, CAPS, opts, needs, out,
				err);
}

static enum ipc_rc connect_to(const char *name, const struct ipc_opts *opts,
			      unsigned needs, struct ipc_link *link,
			      struct ipc_err *err)
{
	return lx_socket_connect(name, SOCK_STREAM, CAPS, opts, needs, link,
				 err);
}

const struct ipc_transport ipc_transport_unix_stream = {
	.name = "unix-stream",
	.summary = "UNIX domain socket: duplex bytes, connections",
	.gives = CAPS,
	.makes = "mkdir(0700), socket(AF_UNIX, SOCK_STREAM), bind, chmod, "
		 "listen, "
		 "accept4, setsockopt(SO_SNDBUF)",
	.joins = "socket(AF_UNIX, SOCK_STREAM), connect, setsockopt(SO_SNDBUF)",
	.knobs = "direction name wait buffer in-buffer out-buffer "
		 "write-through clients security impersonate",
	.message_max = lx_no_limit,
	.listen = listen_at,
	.accept = lx_socket_accept,
	.connect = connect_to,
	.unlisten = lx_socket_unlisten,
};
