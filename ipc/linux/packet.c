#include <fcntl.h>
#include <limits.h>

#include "ipc/linux/linux.h"
#include "ipc/list.h"

/* No IPC_CAP_PIPE: what is spliced into one keeps no boundaries. */
enum { CAPS = LX_CAPS | IPC_CAP_MESSAGE };

/* The kernel splits what is longer, and tells neither side. */
static size_t message_max(const struct ipc_opts *opts)
{
	(void)opts;
	return PIPE_BUF;
}

static enum ipc_rc pair(const struct ipc_opts *opts, unsigned near_needs,
			unsigned far_needs, struct ipc_link *near_side,
			struct ipc_link *far_side, struct ipc_err *err)
{
	return lx_pipe_pair("packet", O_DIRECT, CAPS, opts,
			    near_needs | far_needs, near_side, far_side, err);
}

const struct ipc_transport ipc_transport_packet = {
	.name = "packet",
	.summary = "pipe2(O_DIRECT): a pipe of packets up to 4096 bytes",
	.gives = CAPS,
	.knobs = "hand-over buffer in-buffer out-buffer write-through",
	.makes = "pipe2(O_DIRECT | O_CLOEXEC), fcntl(F_SETPIPE_SZ)",
	.message_max = message_max,
	.pair = pair,
};
