/*
 * What overlapped I/O needs in the place of CreatePipe, whose handles cannot
 * do it: a named pipe of one instance that nobody else knows the name of.
 */
#include "ipc/windows/win.h"

#include "ipc/list.h"

static size_t no_limit(const struct ipc_opts *opts)
{
	(void)opts;
	return SIZE_MAX;
}

/* The reader is the server. */
static enum ipc_rc one_way(uint64_t buffer, unsigned reader_needs,
			   unsigned writer_needs, HANDLE *rd, HANDLE *wr,
			   struct ipc_err *err)
{
	struct ipc_win_pipe pipe = {
		.access = PIPE_ACCESS_INBOUND,
		.type = PIPE_TYPE_BYTE,
		.in = ipc_win_quota(buffer),
		.out = ipc_win_quota(buffer),
		.instances = 1,
		.sqos = SECURITY_IDENTIFICATION,
	};

	return ipc_win_pair(&pipe, reader_needs, writer_needs, rd, wr, err);
}

static enum ipc_rc anon_overlapped_pair(const struct ipc_opts *opts,
					unsigned near_needs, unsigned far_needs,
					struct ipc_link *near_side,
					struct ipc_link *far_side,
					struct ipc_err *err)
{
	return ipc_win_pair_links(opts, one_way, "anonymous overlapped pipe",
				  near_needs, far_needs, near_side, far_side,
				  err);
}

const struct ipc_transport ipc_transport_anon_overlapped = {
	.name = "anon-overlapped",
	.summary = "named pipe of one instance under an unguessable name",
	.gives = IPC_CAP_SYNC | IPC_CAP_ASYNC | IPC_CAP_POLL | IPC_CAP_PIPE |
		 IPC_CAP_STREAM,
	.makes = "CreateNamedPipeW(FILE_FLAG_FIRST_PIPE_INSTANCE, "
		 "PIPE_REJECT_REMOTE_CLIENTS, one instance), CreateFileW",
	.knobs = "hand-over buffer in-buffer out-buffer",
	.message_max = no_limit,
	.pair = anon_overlapped_pair,
};
