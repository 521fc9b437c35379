#include "ipc/windows/win.h"

#include <stdio.h>
#include <winternl.h>

#include "ipc/proc.h"

/* In winternl.h by name only; the bits are those of NtCreateFile. */
#define FILE_MODE_INFORMATION_CLASS ((FILE_INFORMATION_CLASS)16)
#ifndef FILE_SYNCHRONOUS_IO_ALERT
#define FILE_SYNCHRONOUS_IO_ALERT    0x10
#define FILE_SYNCHRONOUS_IO_NONALERT 0x20
#endif

/* CreateNamedPipe has no default of its own; CreatePipe's is one page. */
DWORD ipc_win_quota(uint64_t knob)
{
	return knob == IPC_BUFFER_OS ? 4096 : (DWORD)knob;
}

struct quotas {
	DWORD flags, out, in; /* as the server sees them, from either end */
};

static bool quotas_of(ipc_handle handle, struct quotas *q)
{
	return GetNamedPipeInfo(ipc_win_handle(handle), &q->flags, &q->out,
				&q->in, NULL);
}

size_t ipc_win_write_quota(ipc_handle handle)
{
	struct quotas q;

	/* a server that only writes may not ask: 5 */
	if (handle == IPC_NO_HANDLE || !quotas_of(handle, &q))
		return SIZE_MAX;
	return q.flags & PIPE_SERVER_END ? q.out : q.in;
}

bool ipc_win_is_pipe(ipc_handle handle)
{
	struct quotas q;

	return quotas_of(handle, &q);
}

/* Of the direction that is received, or the only one; 0 if nobody tells. */
static size_t effective(const struct ipc_link *link)
{
	struct quotas q;
	size_t write;

	if (link->rd == IPC_NO_HANDLE) {
		write = ipc_win_write_quota(link->wr);
		return write == SIZE_MAX ? 0 : write;
	}
	if (!quotas_of(link->rd, &q))
		return 0;
	return q.flags & PIPE_SERVER_END ? q.in : q.out;
}

/*
 * Only the system knows how a handle was opened.  The query waits for the
 * lock of a synchronous one, so nobody may be reading from it meanwhile.
 */
static enum ipc_rc probe_style(ipc_handle handle, unsigned *caps,
			       struct ipc_err *err)
{
	IO_STATUS_BLOCK io;
	ULONG mode = 0;
	NTSTATUS status = NtQueryInformationFile(ipc_win_handle(handle), &io,
						 &mode, sizeof(mode),
						 FILE_MODE_INFORMATION_CLASS);

	if (status)
		return ipc_fail_io(err, IPC_WAY_OTHER,
				   RtlNtStatusToDosError(status),
				   "NtQueryInformationFile", NULL);
	if (mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
		*caps |= IPC_CAP_SYNC | IPC_CAP_POLL;
	else
		*caps |= IPC_CAP_ASYNC;
	return IPC_OK;
}

/*
 * A reader keeps messages apart only in message-read mode.  A writer cannot
 * see how its peer reads, so the pipe's type decides.
 */
static unsigned probe_mode(const struct ipc_link *link)
{
	const unsigned message = IPC_CAP_MESSAGE | IPC_CAP_EMPTY | IPC_CAP_REST;
	struct quotas q;
	DWORD state;

	if (link->rd == IPC_NO_HANDLE)
		return quotas_of(link->wr, &q) && q.flags & PIPE_TYPE_MESSAGE
			       ? message : IPC_CAP_STREAM;
	return GetNamedPipeHandleStateW(ipc_win_handle(link->rd), &state, NULL,
					NULL, NULL, NULL, 0) &&
			       state & PIPE_READMODE_MESSAGE
		       ? message : IPC_CAP_STREAM;
}

enum ipc_rc ipc_win_probe(struct ipc_link *link, struct ipc_err *err)
{
	unsigned caps = 0;
	enum ipc_rc rc = IPC_OK;

	if (link->rd != IPC_NO_HANDLE)
		rc = probe_style(link->rd, &caps, err);
	if (!rc && link->wr != IPC_NO_HANDLE && link->wr != link->rd)
		rc = probe_style(link->wr, &caps, err);
	if (rc)
		return rc;
	if (caps & IPC_CAP_SYNC && caps & IPC_CAP_ASYNC)
		return ipc_refuse(err, IPC_INVALID, "link",
				  "one handle is for overlapped I/O, the other "
				  "is not");
	if (link->rd != IPC_NO_HANDLE && link->wr != IPC_NO_HANDLE)
		caps |= IPC_CAP_DUPLEX;
	link->caps = caps | IPC_CAP_PIPE | probe_mode(link);
	link->effective_bytes = effective(link);
	return IPC_OK;
}

static enum ipc_rc check_inherited(ipc_handle handle, struct ipc_err *err)
{
	DWORD flags;

	if (handle == IPC_NO_HANDLE)
		return IPC_OK;
	if (!GetHandleInformation(ipc_win_handle(handle), &flags))
		return ipc_fail(err, "GetHandleInformation",
				"inherited handle");
	/* a file cannot be waited for, and a console is no link */
	if (GetFileType(ipc_win_handle(handle)) != FILE_TYPE_PIPE)
		return ipc_refuse(err, IPC_INVALID, "link",
				  "the inherited handle is no pipe");
	return IPC_OK;
}

static void keep_to_ourselves(ipc_handle handle)
{
	if (handle != IPC_NO_HANDLE)
		SetHandleInformation(ipc_win_handle(handle),
				     HANDLE_FLAG_INHERIT, 0);
}

enum ipc_rc ipc_link_adopt(ipc_handle rd, ipc_handle wr, struct ipc_link *link,
			   struct ipc_err *err)
{
	struct ipc_link got = IPC_LINK_INIT;
	enum ipc_rc rc;

	got.rd = rd;
	got.wr = wr;
	if (rd == IPC_NO_HANDLE && wr == IPC_NO_HANDLE)
		return ipc_refuse(err, IPC_INVALID, "link", "no handle");
	rc = check_inherited(rd, err);
	if (!rc)
		rc = check_inherited(wr, err);
	if (!rc)
		rc = ipc_win_probe(&got, err);
	if (rc)
		return rc;
	got.asked_bytes = got.effective_bytes; /* who asked is elsewhere */
	snprintf(got.name, sizeof(got.name), "inherited pipe %lld,%lld",
		 (long long)rd, (long long)wr);
	keep_to_ourselves(rd);
	keep_to_ourselves(wr);
	*link = got;
	return IPC_OK;
}

void ipc_link_close(struct ipc_link *link)
{
	ipc_handle_close(link->rd);
	if (link->wr != link->rd)
		ipc_handle_close(link->wr);
	*link = (struct ipc_link)IPC_LINK_INIT;
}

/*
 * FlushFileBuffers waits for the reader on every kind of handle.  A server's
 * read-only end may not be flushed (5), and there is nothing to wait for.
 */
enum ipc_rc ipc_link_drain(const struct ipc_link *link, uint64_t poll_ns,
			   struct ipc_err *err)
{
	(void)poll_ns;
	if (link->wr == IPC_NO_HANDLE)
		return ipc_refuse(err, IPC_INVALID, "drain",
				  "this side only reads");
	if (!FlushFileBuffers(ipc_win_handle(link->wr)))
		return ipc_fail_io(err, IPC_WAY_WRITE, GetLastError(),
				   "FlushFileBuffers", link->name);
	return IPC_OK;
}

ipc_handle ipc_std_handle(int number)
{
	static const DWORD which[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
				       STD_ERROR_HANDLE };
	HANDLE handle;

	if (number < 0 || number > 2)
		return IPC_NO_HANDLE;
	handle = GetStdHandle(which[number]);
	return handle ? ipc_win_from(handle) : IPC_NO_HANDLE;
}
