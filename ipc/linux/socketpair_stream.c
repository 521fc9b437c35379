#include <sys/socket.h>

#include "ipc/linux/linux.h"
#include "ipc/list.h"

enum { CAPS = LX_CAPS | IPC_CAP_DUPLEX | IPC_CAP_STREAM };

static enum ipc_rc pair(const struct ipc_opts *opts, unsigned near_needs,
			unsigned far_needs, struct ipc_link *near_side,
			struct ipc_link *far_side, struct ipc_err *err)
{
	return lx_socket_pair("socketpair-stream", SOCK_STREAM, CAPS, opts,
			      near_needs | far_needs, near_side, far_side,
			      err);
}

const struct ipc_transport ipc_transport_socketpair_stream = {
	.name = "socketpair-stream",
	.summary = "socketpair: duplex bytes without a name",
	.gives = CAPS,
	.knobs = "hand-over buffer in-buffer out-buffer write-through",
	.makes = "socketpair(AF_UNIX, SOCK_STREAM), setsockopt(SO_SNDBUF)",
	.message_max = lx_no_limit,
	.pair = pair,
};
