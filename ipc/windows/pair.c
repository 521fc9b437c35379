/* What the two anonymous transports have in common: links made of pipes. */
#include "ipc/windows/win.h"

#include <stdio.h>

/* A pipe that one link reads and the other writes. */
static enum ipc_rc join(const struct ipc_opts *opts, bool into_near,
			ipc_win_one_way *one_way, unsigned reader_needs,
			unsigned writer_needs, struct ipc_link *reader,
			struct ipc_link *writer, struct ipc_err *err)
{
	uint64_t buffer = into_near ? opts->in_buffer : opts->out_buffer;
	HANDLE rd, wr;
	enum ipc_rc rc = one_way(buffer, reader_needs, writer_needs, &rd, &wr,
				 err);

	if (rc)
		return rc;
	reader->rd = ipc_win_from(rd);
	writer->wr = ipc_win_from(wr);
	return IPC_OK;
}

static enum ipc_rc describe(struct ipc_link *link, const char *name,
			    uint64_t asked, struct ipc_err *err)
{
	enum ipc_rc rc = ipc_win_probe(link, err);

	link->asked_bytes = asked == IPC_BUFFER_OS ? link->effective_bytes
						   : (size_t)asked;
	snprintf(link->name, sizeof(link->name), "%s", name);
	return rc;
}

/* The near side receives; with both directions there are two pipes. */
enum ipc_rc ipc_win_pair_links(const struct ipc_opts *opts,
			       ipc_win_one_way *one_way, const char *name,
			       unsigned near_needs, unsigned far_needs,
			       struct ipc_link *near_side,
			       struct ipc_link *far_side, struct ipc_err *err)
{
	struct ipc_link a = IPC_LINK_INIT, b = IPC_LINK_INIT;
	bool duplex = (near_needs | far_needs) & IPC_CAP_DUPLEX;
	enum ipc_rc rc;

	rc = join(opts, true, one_way, near_needs, far_needs, &a, &b, err);
	if (!rc && duplex)
		rc = join(opts, false, one_way, far_needs, near_needs, &b, &a,
			  err);
	if (!rc)
		rc = describe(&a, name, opts->in_buffer, err);
	if (!rc)
		rc = describe(&b, name,
			      duplex ? opts->out_buffer : opts->in_buffer, err);
	if (rc) {
		ipc_link_close(&a);
		ipc_link_close(&b);
		return rc;
	}
	*near_side = a;
	*far_side = b;
	return IPC_OK;
}
