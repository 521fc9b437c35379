#include "ipc/linux/linux.h"
#include "ipc/list.h"

enum { CAPS = LX_CAPS | IPC_CAP_STREAM | IPC_CAP_PIPE };

static enum ipc_rc pair(const struct ipc_opts *opts, unsigned near_needs,
			unsigned far_needs, struct ipc_link *near_side,
			struct ipc_link *far_side, struct ipc_err *err)
{
	return lx_pipe_pair("pipe", 0, CAPS, opts, near_needs | far_needs,
			    near_side, far_side, err);
}

const struct ipc_transport ipc_transport_pipe = {
	.name = "pipe",
	.summary = "pipe2: the anonymous pipe",
	.gives = CAPS,
	.knobs = "hand-over buffer in-buffer out-buffer write-through",
	.makes = "pipe2(O_CLOEXEC), fcntl(F_SETPIPE_SZ)",
	.message_max = lx_no_limit,
	.pair = pair,
};
