#include "ipc/windows/ask.h"

#include <sddl.h>
#include <stdio.h>
#include <wchar.h>

#include "ipc/selftest.h"

const struct ipc_claim ipc_claims[] = {
	{ "write behind a blocked read of the same synchronous handle",
	  "waits", "returns", ask_write_behind },
	{ "PeekNamedPipe behind a blocked read of the same handle",
	  "waits", "returns", ask_peek_behind },
	{ "write on a duplicate of a handle that is being read",
	  "waits", "returns", ask_duplicate_behind },
	{ "CloseHandle behind a blocked read of the same handle",
	  "waits", "returns", ask_close_behind },
	{ "a second server with FILE_FLAG_FIRST_PIPE_INSTANCE",
	  "ERROR_ACCESS_DENIED", "succeeds", ask_first_instance },
	{ "the same where the pipe has all its instances",
	  "ERROR_PIPE_BUSY or ERROR_ACCESS_DENIED", NULL,
	  ask_first_when_full },
	{ "0 instances", "ERROR_INVALID_PARAMETER", "succeeds",
	  ask_no_instances },
	{ "256 instances", "ERROR_INVALID_PARAMETER", "succeeds",
	  ask_256_instances },
	{ "one instance more than there may be", "ERROR_PIPE_BUSY", NULL,
	  ask_one_too_many },
	{ "the same while the client of a closed one stays", "ERROR_PIPE_BUSY",
	  "succeeds", ask_leaving_counts },
	{ "another instance with another direction", "ERROR_ACCESS_DENIED",
	  NULL, ask_other_direction },
	{ "another instance of another type, time-out and number",
	  "succeeds", NULL, ask_other_type },
	{ "an unknown bit in the pipe mode", "ERROR_INVALID_PARAMETER",
	  "succeeds", ask_unknown_mode },
	{ "WRITE_DAC in the open mode", "succeeds", NULL, ask_write_dac },
	{ "WRITE_OWNER (the bit of FIRST_PIPE_INSTANCE) for a second instance",
	  "ERROR_ACCESS_DENIED", "succeeds", ask_write_owner },
	{ "ACCESS_SYSTEM_SECURITY in the open mode",
	  "ERROR_PRIVILEGE_NOT_HELD", "succeeds", ask_system_security },
	{ "PIPE_READMODE_MESSAGE of a byte pipe", "ERROR_INVALID_PARAMETER",
	  NULL, ask_byte_messages },
	{ "WaitNamedPipe for a name that nobody serves",
	  "ERROR_FILE_NOT_FOUND", NULL, ask_wait_for_nothing },
	{ "the default wait of a server that sets 0 ms", "about 50 ms",
	  "at once", ask_default_wait },
	{ "WaitNamedPipe when the last server goes", "fails at once",
	  "waits to its end", ask_wait_server_gone },
	{ "a client after GetFileAttributes of the one instance",
	  "ERROR_PIPE_BUSY", "succeeds", ask_attributes_consume },
	{ "the list of pipes has a new one", "yes",
	  "no list", ask_list_pipes },
	{ "a client whom the DACL denies", "ERROR_ACCESS_DENIED", "succeeds",
	  ask_denied },
	{ "\\\\localhost on a pipe that rejects remote clients", "refused",
	  NULL, ask_localhost },
	{ "a handle list with a handle that is not inheritable",
	  "ERROR_INVALID_PARAMETER", "succeeds", ask_inherit_list },
	{ "a collection count on a local pipe", "ERROR_INVALID_PARAMETER",
	  "succeeds", ask_collect },
	{ "overlapped ConnectNamedPipe when the client was first",
	  "ERROR_PIPE_CONNECTED, no event", NULL, ask_connected_first },
	{ "ConnectNamedPipe when the client came and went", "ERROR_NO_DATA",
	  NULL, ask_came_and_went },
	{ "read of a pipe whose writer has closed",
	  "the data, then ERROR_BROKEN_PIPE", NULL, ask_end_of_file },
	{ "write to a pipe whose reader has closed", "ERROR_NO_DATA", NULL,
	  ask_closed_peer },
	{ "read by a client after DisconnectNamedPipe",
	  "ERROR_PIPE_NOT_CONNECTED", NULL, ask_disconnected },
	{ "data in a pipe when the server disconnects", "lost", NULL,
	  ask_kept },
	{ "DisconnectNamedPipe by the client", "ERROR_INVALID_FUNCTION",
	  "ERROR_NOT_SUPPORTED", ask_client_disconnects },
	{ "FlushFileBuffers of an end that only reads", "ERROR_ACCESS_DENIED",
	  "succeeds", ask_flush_read_end },
	{ "CancelSynchronousIo of FlushFileBuffers",
	  "ERROR_OPERATION_ABORTED", NULL, ask_flush_cancel },
	{ "the same on an overlapped handle", "ERROR_OPERATION_ABORTED", NULL,
	  ask_flush_cancel_overlapped },
	{ "a write as large as the quota", "done at once", NULL,
	  ask_quota_exact },
	{ "a byte more", "pending", NULL, ask_quota_over },
	{ "a pending write of 5 quotas is done after", "4 quotas were read",
	  NULL, ask_large_pends },
	{ "a PIPE_NOWAIT byte write of more than there is room",
	  "0 bytes taken", NULL, ask_nowait },
	{ "an empty write on a byte pipe", "swallowed", NULL,
	  ask_empty_byte },
	{ "an empty write on a message pipe", "a message of 0 bytes", NULL,
	  ask_empty_message },
	{ "overlapped read that is shorter than its message",
	  "ERROR_MORE_DATA, 4 bytes, then 6", NULL, ask_more_data },
	{ "a read of 0 bytes where a message waits", "ERROR_MORE_DATA", NULL,
	  ask_zero_read },
	{ "the short read at a port with skip-on-success",
	  "ERROR_MORE_DATA, no packet or ERROR_IO_PENDING, a packet", NULL,
	  ask_skip_short },
	{ "the routine after a short ReadFileEx",
	  "called with ERROR_MORE_DATA, 4 bytes", NULL, ask_routine_short },
	{ "GetNamedPipeInfo of a client whose server said 1000 out, 9000 in",
	  "1000 out, 9000 in", NULL, ask_client_quotas },
	{ "WriteQuotaAvailable of 4096 while a read of 1000 waits", "3096",
	  "0", ask_quota_pending },
	{ "bytes left of this message, by PeekNamedPipe of a byte pipe",
	  "4294967295", NULL, ask_peek_left },
	{ "TransactNamedPipe in byte-read mode", "ERROR_BAD_PIPE", NULL,
	  ask_transact_mode },
	{ "TransactNamedPipe with unread data", "ERROR_PIPE_BUSY", NULL,
	  ask_transact_unread },
	{ "the largest message, tried up to 64 MiB", NULL, NULL, ask_largest },
	{ "impersonation before the first read", "ERROR_CANNOT_IMPERSONATE",
	  "succeeds", ask_before_first_read },
	{ "level of a client that allows anonymous",
	  "anonymous or ERROR_CANT_OPEN_ANONYMOUS", "impersonation",
	  ask_anonymous },
	{ "level of a client that allows identification", "identification",
	  "impersonation", ask_identification },
	{ "level of a client that allows impersonation", "impersonation",
	  NULL, ask_impersonation },
	{ "QueryPerformanceCounter", NULL, NULL, ask_counter },
	{ "Sleep(1)", NULL, NULL, ask_sleep },
	{ "QueryProcessCycleTime", "succeeds", "ERROR_CALL_NOT_IMPLEMENTED",
	  ask_cycles },
	{ "a UNIX socket", "succeeds", "win32 10047", ask_unix },
	{ NULL, NULL, NULL, NULL }
};

/* Pipes. */

static DWORD describe(const wchar_t *sddl, SECURITY_ATTRIBUTES *security)
{
	*security = (SECURITY_ATTRIBUTES){ .nLength = sizeof(*security) };
	if (!sddl)
		return 0;
	return ask_code(ConvertStringSecurityDescriptorToSecurityDescriptorW(
		sddl, SDDL_REVISION_1, &security->lpSecurityDescriptor, NULL));
}

void ask_new_name(struct ask_pipe *p)
{
	static unsigned number;

	*p = (struct ask_pipe){ .server = NULL };
	swprintf(p->path, sizeof(p->path) / sizeof(*p->path),
		 L"\\\\.\\pipe\\pipemark-self-%lu-%u", GetCurrentProcessId(),
		 ++number);
}

DWORD ask_server(const struct ask_spec *s, struct ask_pipe *p)
{
	const DWORD either = PIPE_ACCESS_INBOUND | PIPE_ACCESS_OUTBOUND;
	DWORD quota = s->quota ? s->quota : 4096;
	SECURITY_ATTRIBUTES security;
	DWORD code = describe(s->sddl, &security);

	ask_new_name(p);
	if (code)
		return code;
	p->server = CreateNamedPipeW(
		p->path, s->open & either ? s->open
					  : s->open | PIPE_ACCESS_DUPLEX,
		s->type | PIPE_REJECT_REMOTE_CLIENTS,
		s->instances ? s->instances : 1, quota, quota, 0, &security);
	code = ask_code(p->server != INVALID_HANDLE_VALUE);
	if (code)
		p->server = NULL;
	LocalFree(security.lpSecurityDescriptor);
	return code;
}

DWORD ask_client(const struct ask_spec *s, struct ask_pipe *p)
{
	DWORD access = GENERIC_READ | GENERIC_WRITE, code;
	DWORD mode = PIPE_READMODE_MESSAGE;

	if (s->open & (PIPE_ACCESS_INBOUND | PIPE_ACCESS_OUTBOUND))
		access = s->open & PIPE_ACCESS_INBOUND ? GENERIC_WRITE
						       : GENERIC_READ;
	p->client = CreateFileW(p->path, access, 0, NULL, OPEN_EXISTING,
				s->client | SECURITY_SQOS_PRESENT, NULL);
	code = ask_code(p->client != INVALID_HANDLE_VALUE);
	if (code)
		p->client = NULL;
	else if (s->type & PIPE_READMODE_MESSAGE)
		code = ask_code(SetNamedPipeHandleState(p->client, &mode, NULL,
							NULL));
	return code;
}

bool ask_both(struct ipc_answer *a, const struct ask_spec *s,
	      struct ask_pipe *p)
{
	DWORD code = ask_server(s, p);

	if (!code)
		code = ask_client(s, p);
	if (!code)
		return true;
	ipc_not_asked(a, "no pipe to ask: win32 %lu", code);
	ask_done(p);
	return false;
}

void ask_close(HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
	*handle = NULL;
}

void ask_done(struct ask_pipe *p)
{
	ask_close(&p->client);
	ask_close(&p->server);
}

DWORD ask_write(HANDLE handle, const void *data, DWORD size)
{
	DWORD sent;

	return ask_code(WriteFile(handle, data, size, &sent, NULL));
}

DWORD ask_read(HANDLE handle, void *data, DWORD size, DWORD *got)
{
	DWORD count = 0, code;

	code = ask_code(ReadFile(handle, data, size, &count, NULL));
	if (got)
		*got = count;
	return code;
}

/* Threads. */

static DWORD WINAPI run(void *arg)
{
	struct ask_call *c = arg;

	SetEvent(c->runs);
	c->code = c->call(c->handle);
	return 0;
}

bool ask_start(struct ipc_answer *a, struct ask_call *c,
	       DWORD (*call)(HANDLE), HANDLE handle)
{
	*c = (struct ask_call){ .call = call, .handle = handle };
	c->runs = CreateEventW(NULL, TRUE, FALSE, NULL);
	c->thread = CreateThread(NULL, 0, run, c, 0, NULL);
	if (!c->thread) {
		ipc_not_asked(a, "no thread: win32 %lu", GetLastError());
		ask_close(&c->runs);
		return false;
	}
	WaitForSingleObject(c->runs, 10000);
	return true;
}

bool ask_ended(struct ask_call *c, DWORD ms)
{
	return !c->thread ||
	       WaitForSingleObject(c->thread, ms) == WAIT_OBJECT_0;
}

bool ask_cancel(struct ask_call *c)
{
	for (int i = 0; i < 500; i++) {
		if (ask_ended(c, 10))
			return true;
		CancelSynchronousIo(c->thread);
	}
	return false;
}

void ask_forget(struct ask_call *c)
{
	ask_close(&c->thread);
	ask_close(&c->runs);
}
