/* What the user's words become on Linux, and what Linux cannot do. */
#include <string.h>

#include "ipc/registry.h"

const char *ipc_host_engine(const char *style)
{
	return strcmp(style, "overlapped") == 0 ? "uring" : style;
}

const char *ipc_host_transport(const struct ipc_opts *opts,
			       unsigned engine_needs, bool duplex,
			       struct ipc_err *err)
{
	bool message = opts->mode == IPC_MODE_MESSAGE;

	(void)engine_needs; /* every descriptor here does every style */
	(void)duplex;
	(void)err;
	if (opts->kind == IPC_KIND_ANONYMOUS)
		return message ? "packet" : "pipe";
	if (message)
		return "unix-seqpacket";
	/* a FIFO has no connections: nothing duplex, no second client */
	return opts->direction == IPC_DIRECTION_DUPLEX || opts->clients > 1 ||
			       opts->impersonate
		       ? "unix-stream" : "fifo";
}

enum ipc_rc ipc_host_check(const struct ipc_opts *opts,
			   const struct ipc_pairing *pairing, size_t largest,
			   struct ipc_err *err)
{
	(void)pairing;
	(void)largest;
	if (opts->write_through == IPC_WRITE_THROUGH_NO)
		return ipc_refuse(err, IPC_UNSUPPORTED, "write-through",
				  "every write is through here; a writer that "
				  "gathers is: collect");
	if (!opts->buffer || !opts->in_buffer || !opts->out_buffer)
		return ipc_refuse(err, IPC_UNSUPPORTED, "buffer",
				  "0 is a rendezvous, on windows only; the "
				  "least here is one page: 4K");
	if (strncmp(opts->security, "sddl:", 5) == 0)
		return ipc_refuse(err, IPC_UNSUPPORTED, "security",
				  "security descriptors exist on windows; here "
				  "mode:OCTAL, private or os");
	if (opts->read_mode != opts->mode)
		return ipc_refuse(err, IPC_UNSUPPORTED, "read-mode",
				  "reads see what was written: a message pipe "
				  "read in bytes exists on windows");
	return IPC_OK;
}
