/* What pipe, packet and fifo share: kernel pipes and their buffers. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "ipc/linux/linux.h"

size_t lx_no_limit(const struct ipc_opts *opts)
{
	(void)opts;
	return SIZE_MAX;
}

/*
 * A refusal (over the limit of an ordinary user, say) is no failure: the size
 * that the pipe really has is recorded beside the one asked for.
 */
size_t lx_pipe_buffer(int fd, uint64_t asked)
{
	int is;

	if (asked != IPC_BUFFER_OS)
		fcntl(fd, F_SETPIPE_SZ, (int)asked);
	is = fcntl(fd, F_GETPIPE_SZ);
	return is < 0 ? 0 : (size_t)is;
}

static enum ipc_rc one_way(int flags, uint64_t buffer, int pipe_fds[2],
			   size_t *effective, struct ipc_err *err)
{
	if (pipe2(pipe_fds, flags | O_CLOEXEC) < 0)
		return ipc_fail(err, "pipe2", NULL);
	/* only the writing side gets O_DIRECT; whoever adopts the reading
	 * one could not tell that it is a pipe of packets */
	if (flags && fcntl(pipe_fds[0], F_SETFL, flags) < 0) {
		enum ipc_rc rc = ipc_fail(err, "fcntl(F_SETFL)", "packet");

		lx_close(pipe_fds[0]);
		lx_close(pipe_fds[1]);
		return rc;
	}
	*effective = lx_pipe_buffer(pipe_fds[1], buffer);
	return IPC_OK;
}

static void fill(struct ipc_link *link, const char *name, int rd, int wr,
		 unsigned caps, uint64_t buffer, size_t effective)
{
	*link = (struct ipc_link){ .rd = rd, .wr = wr, .caps = caps };
	link->asked_bytes = lx_asked(buffer);
	link->effective_bytes = effective;
	snprintf(link->name, sizeof(link->name), "%s", name);
}

enum ipc_rc lx_pipe_pair(const char *name, int flags, unsigned caps,
			 const struct ipc_opts *opts, unsigned needs,
			 struct ipc_link *near_side, struct ipc_link *far_side,
			 struct ipc_err *err)
{
	int in[2], out[2] = { -1, -1 };
	size_t in_bytes = 0, out_bytes;
	uint64_t far_buffer = opts->in_buffer;
	enum ipc_rc rc;

	rc = one_way(flags, opts->in_buffer, in, &in_bytes, err);
	if (rc)
		return rc;
	out_bytes = in_bytes;
	if (needs & IPC_CAP_DUPLEX) {
		rc = one_way(flags, opts->out_buffer, out, &out_bytes, err);
		far_buffer = opts->out_buffer;
		caps |= IPC_CAP_DUPLEX;
	}
	if (rc) {
		lx_close(in[0]);
		lx_close(in[1]);
		return rc;
	}
	fill(near_side, name, in[0], out[1], caps, opts->in_buffer, in_bytes);
	fill(far_side, name, out[0], in[1], caps, far_buffer, out_bytes);
	return IPC_OK;
}
