/* Instead of uring*.c where liburing is missing: it exists, but not here. */
#include "ipc/list.h"

static enum ipc_rc missing(struct ipc_err *err)
{
	return ipc_refuse(err, IPC_UNSUPPORTED, "uring",
			  "built without liburing");
}

static enum ipc_rc missing_open(const struct ipc_opts *opts, unsigned ends,
				struct ipc_hub **out, struct ipc_err *err)
{
	(void)opts;
	(void)ends;
	*out = NULL;
	return missing(err);
}

const struct ipc_engine ipc_engine_uring = {
	.name = "uring",
	.summary = "io_uring (built without liburing)",
	.needs = IPC_CAP_SYNC | IPC_CAP_POLL,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_MANY,
	.ends_max = 1,
	.knobs = "depth batch slots read-size collect ring registered",
	.probe = missing,
	.open = missing_open,
};
