/* CreatePipe: byte streams, one-way, synchronous handles, nothing else. */
#include "ipc/windows/win.h"

#include "ipc/list.h"

static size_t no_limit(const struct ipc_opts *opts)
{
	(void)opts;
	return SIZE_MAX;
}

/*
 * CreatePipe takes 0 for its default, 4096, and any other number literally
 * (seen under Wine 8, whose tests say the same of Windows).
 */
static enum ipc_rc one_way(uint64_t buffer, unsigned reader_needs,
			   unsigned writer_needs, HANDLE *rd, HANDLE *wr,
			   struct ipc_err *err)
{
	(void)reader_needs; /* these handles offer SYNC and POLL, always */
	(void)writer_needs;
	if (!buffer)
		return ipc_refuse(err, IPC_UNSUPPORTED, "buffer",
				  "CreatePipe makes no rendezvous pipe; named "
				  "and anon-overlapped are one with 0");
	if (!CreatePipe(rd, wr, NULL,
			buffer == IPC_BUFFER_OS ? 0 : (DWORD)buffer))
		return ipc_fail(err, "CreatePipe", NULL);
	return IPC_OK;
}

static enum ipc_rc anon_pair(const struct ipc_opts *opts, unsigned near_needs,
			     unsigned far_needs, struct ipc_link *near_side,
			     struct ipc_link *far_side, struct ipc_err *err)
{
	return ipc_win_pair_links(opts, one_way, "anonymous pipe", near_needs,
				  far_needs, near_side, far_side, err);
}

const struct ipc_transport ipc_transport_anon = {
	.name = "anon",
	.summary = "anonymous pipe, by CreatePipe",
	.gives = IPC_CAP_SYNC | IPC_CAP_POLL | IPC_CAP_PIPE | IPC_CAP_STREAM,
	.makes = "CreatePipe(nSize)",
	.knobs = "hand-over buffer in-buffer out-buffer",
	.message_max = no_limit,
	.pair = anon_pair,
};
