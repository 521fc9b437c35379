/* Quotas, messages and their parts, TransactNamedPipe. */
#include "ipc/windows/ask.h"

#include <stdlib.h>
#include <string.h>
#include <winternl.h>

enum { QUOTA = 4096 };

static const struct ask_spec overlapped = { .open = FILE_FLAG_OVERLAPPED };
static const struct ask_spec messages = {
	.type = PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE
};
static const struct ask_spec overlapped_messages = {
	.open = FILE_FLAG_OVERLAPPED,
	.type = PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE
};

/* The write's code; op has its story. */
static DWORD begin_write(struct ask_pipe *p, const void *data, DWORD size,
			 OVERLAPPED *op)
{
	DWORD code;

	*op = (OVERLAPPED){ .hEvent = NULL };
	code = ask_code(WriteFile(p->server, data, size, NULL, op));
	if (code && code != ERROR_IO_PENDING)
		op->Internal = 0; /* left as pending, and nothing follows */
	return code;
}

static void end_write(struct ask_pipe *p, OVERLAPPED *op)
{
	DWORD done;

	if (op->Internal == (ULONG_PTR)STATUS_PENDING)
		CancelIoEx(p->server, op);
	GetOverlappedResult(p->server, op, &done, TRUE);
}

static void write_of(struct ipc_answer *a, DWORD size)
{
	static const char data[QUOTA + 1];
	struct ask_pipe p;
	OVERLAPPED op;
	DWORD code;

	if (!ask_both(a, &overlapped, &p))
		return;
	code = begin_write(&p, data, size, &op);
	if (!code)
		ipc_saw(a, "done at once");
	else if (code == ERROR_IO_PENDING)
		ipc_saw(a, "%s", HasOverlappedIoCompleted(&op) ? "done at once"
							       : "pending");
	else
		ipc_saw_code(a, code);
	end_write(&p, &op);
	ask_done(&p);
}

void ask_quota_exact(struct ipc_answer *a)
{
	write_of(a, QUOTA);
}

void ask_quota_over(struct ipc_answer *a)
{
	write_of(a, QUOTA + 1);
}

/* Somebody else completes it, and may take a while to get to it. */
static bool completes(const OVERLAPPED *op, int ms)
{
	for (; ms > 0 && !HasOverlappedIoCompleted(op); ms -= 10)
		Sleep(10);
	return HasOverlappedIoCompleted(op);
}

/* The write is done when what is left of it fits into the quota. */
void ask_large_pends(struct ipc_answer *a)
{
	static const char data[5 * QUOTA];
	char got[QUOTA];
	struct ask_pipe p;
	OVERLAPPED op;
	int reads = 0;

	if (!ask_both(a, &overlapped, &p))
		return;
	begin_write(&p, data, sizeof(data), &op);
	while (reads < 3 && !ask_read(p.client, got, sizeof(got), NULL))
		reads++;
	if (completes(&op, 100))
		ipc_saw(a, "3 quotas were read, or fewer");
	else if (ask_read(p.client, got, sizeof(got), NULL) ||
		 !completes(&op, 5000))
		ipc_saw(a, "more than 4 quotas were read");
	else
		ipc_saw(a, "4 quotas were read");
	end_write(&p, &op);
	ask_done(&p);
}

void ask_nowait(struct ipc_answer *a)
{
	static const char data[QUOTA];
	DWORD mode = PIPE_NOWAIT, sent = 0;
	struct ask_pipe p;

	if (!ask_both(a, &(struct ask_spec){ .type = PIPE_TYPE_BYTE }, &p))
		return;
	ask_write(p.client, data, QUOTA - 100);
	if (!SetNamedPipeHandleState(p.client, &mode, NULL, NULL))
		ipc_not_asked(a, "no PIPE_NOWAIT: win32 %lu", GetLastError());
	else if (WriteFile(p.client, data, 200, &sent, NULL))
		ipc_saw(a, "%lu bytes taken", sent);
	else
		ipc_saw_code(a, GetLastError());
	ask_done(&p);
}

static bool empty_write(struct ipc_answer *a, const struct ask_spec *spec,
			DWORD *got)
{
	struct ask_pipe p;
	char data[8];
	DWORD code;

	if (!ask_both(a, spec, &p))
		return false;
	code = ask_write(p.client, "", 0);
	if (!code)
		code = ask_write(p.client, "next", 4);
	if (!code)
		code = ask_read(p.server, data, sizeof(data), got);
	if (code)
		ipc_saw_code(a, code);
	ask_done(&p);
	return !code;
}

void ask_empty_byte(struct ipc_answer *a)
{
	const struct ask_spec bytes = { .type = PIPE_TYPE_BYTE };
	DWORD got;

	if (empty_write(a, &bytes, &got))
		ipc_saw(a, got == 4 ? "swallowed" : "read as 0 bytes");
}

void ask_empty_message(struct ipc_answer *a)
{
	DWORD got;

	if (empty_write(a, &messages, &got))
		ipc_saw(a, got ? "swallowed" : "a message of 0 bytes");
}

/* What a read ended with: of an overlapped one the call says too little. */
static DWORD read_overlapped(HANDLE pipe, void *data, DWORD size, DWORD *got)
{
	OVERLAPPED op = { .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL) };
	DWORD code;

	*got = 0;
	code = ask_code(ReadFile(pipe, data, size, NULL, &op));
	if (!code || code == ERROR_IO_PENDING || code == ERROR_MORE_DATA)
		code = ask_code(GetOverlappedResult(pipe, &op, got, TRUE));
	CloseHandle(op.hEvent);
	return code;
}

void ask_more_data(struct ipc_answer *a)
{
	struct ask_pipe p;
	char data[10];
	DWORD first, code, rest;

	if (!ask_both(a, &overlapped_messages, &p))
		return;
	ask_write(p.client, "0123456789", 10);
	code = read_overlapped(p.server, data, 4, &first);
	if (code != ERROR_MORE_DATA)
		ipc_saw_code(a, code);
	else if (read_overlapped(p.server, data, sizeof(data), &rest))
		ipc_saw(a, "ERROR_MORE_DATA, %lu bytes, then nothing", first);
	else
		ipc_saw(a, "ERROR_MORE_DATA, %lu bytes, then %lu", first, rest);
	ask_done(&p);
}

void ask_zero_read(struct ipc_answer *a)
{
	struct ask_pipe p;
	char data[1];

	if (!ask_both(a, &messages, &p))
		return;
	ask_write(p.client, "x", 1);
	ipc_saw_code(a, ask_read(p.server, data, 0, NULL));
	ask_done(&p);
}

/* The call's answer decides whether a packet follows; any other pair hangs. */
static void short_read(struct ipc_answer *a, struct ask_pipe *p, HANDLE port)
{
	OVERLAPPED op = { .hEvent = NULL }, *done = NULL;
	ULONG_PTR key;
	char data[4];
	const char *name;
	DWORD code, got;

	ask_write(p->client, "0123456789", 10);
	code = ask_code(ReadFile(p->server, data, sizeof(data), NULL, &op));
	name = ipc_os_name(code);
	GetQueuedCompletionStatus(port, &got, &key, &done, 300);
	ipc_saw(a, "%s, %s packet", name ? name : "succeeds",
		done ? "a" : "no");
}

void ask_skip_short(struct ipc_answer *a)
{
	struct ask_pipe p;
	HANDLE port;

	if (!ask_both(a, &overlapped_messages, &p))
		return;
	port = CreateIoCompletionPort(p.server, NULL, 1, 1);
	if (port && SetFileCompletionNotificationModes(
			    p.server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS))
		short_read(a, &p, port);
	else
		ipc_not_asked(a, "no port: win32 %lu", GetLastError());
	ask_done(&p);
	ask_close(&port);
}

static struct {
	unsigned calls;
	DWORD    code, got;
} routine;

static VOID CALLBACK on_read(DWORD code, DWORD got, OVERLAPPED *op)
{
	(void)op;
	routine.calls++;
	routine.code = code;
	routine.got = got;
}

/* Whatever the call answers: it is this that says that the memory is free. */
void ask_routine_short(struct ipc_answer *a)
{
	static OVERLAPPED op; /* a routine that is late finds them here */
	static char data[4];
	const char *name;
	struct ask_pipe p;

	if (!ask_both(a, &overlapped_messages, &p))
		return;
	ask_write(p.client, "0123456789", 10);
	ReadFileEx(p.server, data, sizeof(data), &op, on_read);
	SleepEx(300, TRUE);
	name = ipc_os_name(routine.code);
	if (routine.calls)
		ipc_saw(a, "called with %s, %lu bytes", name ? name : "0",
			routine.got);
	else
		ipc_saw(a, "not called");
	ask_done(&p);
}

/* Out and in are the server's words. */
void ask_client_quotas(struct ipc_answer *a)
{
	const struct ask_spec spec = { .instances = 1 };
	DWORD out, in, code;
	struct ask_pipe p;

	ask_new_name(&p);
	p.server = CreateNamedPipeW(p.path, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE,
				    1, 1000, 9000, 0, NULL);
	code = ask_code(p.server != INVALID_HANDLE_VALUE);
	if (code)
		p.server = NULL;
	else
		code = ask_client(&spec, &p);
	if (code)
		ipc_not_asked(a, "no pipe to ask: win32 %lu", code);
	else if (GetNamedPipeInfo(p.client, NULL, &out, &in, NULL))
		ipc_saw(a, "%lu out, %lu in", out, in);
	else
		ipc_saw_code(a, GetLastError());
	ask_done(&p);
}

/* FILE_PIPE_LOCAL_INFORMATION, which is in no header of user programs. */
struct local_information {
	ULONG type, configuration, most, instances, in_quota, readable,
		out_quota, writable, state, end;
};

void ask_quota_pending(struct ipc_answer *a)
{
	enum { LOCAL_INFORMATION = 24 };
	struct local_information info;
	IO_STATUS_BLOCK status;
	OVERLAPPED op = { .hEvent = NULL };
	struct ask_pipe p;
	char data[1000];
	LONG rc;

	if (!ask_both(a, &overlapped, &p))
		return;
	ReadFile(p.server, data, sizeof(data), NULL, &op);
	rc = NtQueryInformationFile(p.client, &status, &info, sizeof(info),
				    (FILE_INFORMATION_CLASS)LOCAL_INFORMATION);
	if (rc < 0)
		ipc_saw(a, "status %lx", rc);
	else
		ipc_saw(a, "%lu", info.writable);
	end_write(&p, &op);
	ask_done(&p);
}

/*
 * Documented as 0.  Wine's tests, which are made to pass on Windows, have what
 * is left of a message of 0 bytes after those that were read.
 */
void ask_peek_left(struct ipc_answer *a)
{
	struct ask_pipe p;
	DWORD left = 0, got, total;
	char data[1];

	if (!ask_both(a, &(struct ask_spec){ .type = PIPE_TYPE_BYTE }, &p))
		return;
	ask_write(p.client, "01", 2);
	if (PeekNamedPipe(p.server, data, 1, &got, &total, &left))
		ipc_saw(a, "%lu", left);
	else
		ipc_saw_code(a, GetLastError());
	ask_done(&p);
}

static DWORD transact(HANDLE pipe)
{
	char reply[4];
	DWORD got;

	return ask_code(TransactNamedPipe(pipe, (char[]){ "x" }, 1, reply,
					  sizeof(reply), &got, NULL));
}

void ask_transact_mode(struct ipc_answer *a)
{
	const struct ask_spec spec = { .type = PIPE_TYPE_MESSAGE };
	struct ask_pipe p;

	if (!ask_both(a, &spec, &p))
		return;
	ask_write(p.server, "r", 1); /* so that it ends if it is let pass */
	ipc_saw_code(a, transact(p.client));
	ask_done(&p);
}

void ask_transact_unread(struct ipc_answer *a)
{
	struct ask_pipe p;

	if (!ask_both(a, &messages, &p))
		return;
	ask_write(p.server, "r", 1);
	ipc_saw_code(a, transact(p.client));
	ask_done(&p);
}

/* Through a quota of 4096, read while it is pending. */
static DWORD one_message(struct ask_pipe *p, char *data, DWORD size)
{
	OVERLAPPED op;
	DWORD code = begin_write(p, data, size, &op), got;

	if (code && code != ERROR_IO_PENDING)
		return code;
	code = ask_read(p->client, data, size, &got);
	if (!code && got != size)
		code = ERROR_MORE_DATA;
	if (code)
		CancelIoEx(p->server, &op);
	return GetOverlappedResult(p->server, &op, &got, TRUE) ? code
							       : GetLastError();
}

void ask_largest(struct ipc_answer *a)
{
	enum { MIB = 1 << 20, MOST_MIB = 64 };
	struct ask_pipe p;
	DWORD mib = 1, code = 0;
	char *data = calloc(MOST_MIB, MIB);

	if (!data) {
		ipc_not_asked(a, "no memory");
		return;
	}
	if (ask_both(a, &overlapped_messages, &p)) {
		while (mib <= MOST_MIB && !code)
			if (!(code = one_message(&p, data, mib * MIB)))
				mib *= 2;
		if (code)
			ipc_saw(a, "%lu MiB fail: win32 %lu", mib, code);
		else
			ipc_saw(a, "64 MiB and more");
		ask_done(&p);
	}
	free(data);
}
