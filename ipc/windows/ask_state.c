/* How connections begin and end, flushing, and acting as the client. */
#include "ipc/windows/ask.h"

#include <stdlib.h>

static const struct ask_spec bytes = { .type = PIPE_TYPE_BYTE };

void ask_collect(struct ipc_answer *a)
{
	DWORD mode = PIPE_READMODE_BYTE, count = 100;
	struct ask_pipe p;

	if (!ask_both(a, &bytes, &p))
		return;
	ipc_saw_code(a, ask_code(SetNamedPipeHandleState(p.client, &mode,
							 &count, NULL)));
	ask_done(&p);
}

/* Waiting for the event here is what the articles do, for ever. */
void ask_connected_first(struct ipc_answer *a)
{
	const struct ask_spec spec = { .open = FILE_FLAG_OVERLAPPED };
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
	OVERLAPPED op = { .hEvent = event };
	struct ask_pipe p;
	DWORD code;
	bool signalled;

	if (!ask_both(a, &spec, &p)) {
		ask_close(&event);
		return;
	}
	code = ask_code(ConnectNamedPipe(p.server, &op));
	signalled = WaitForSingleObject(event, 100) == WAIT_OBJECT_0;
	if (code == ERROR_PIPE_CONNECTED)
		ipc_saw(a, "ERROR_PIPE_CONNECTED, %s",
			signalled ? "the event is set" : "no event");
	else
		ipc_saw_code(a, code);
	ask_done(&p);
	ask_close(&event);
}

void ask_came_and_went(struct ipc_answer *a)
{
	struct ask_pipe p;

	if (!ask_both(a, &bytes, &p))
		return;
	ask_close(&p.client);
	ipc_saw_code(a, ask_code(ConnectNamedPipe(p.server, NULL)));
	ask_done(&p);
}

void ask_end_of_file(struct ipc_answer *a)
{
	struct ask_pipe p;
	char data[8];
	DWORD got, code;

	if (!ask_both(a, &bytes, &p))
		return;
	ask_write(p.client, "last", 4);
	ask_close(&p.client);
	code = ask_read(p.server, data, sizeof(data), &got);
	if (code || got != 4)
		ipc_saw(a, "win32 %lu and %lu bytes", code, got);
	else if (ask_read(p.server, data, sizeof(data), NULL) ==
		 ERROR_BROKEN_PIPE)
		ipc_saw(a, "the data, then ERROR_BROKEN_PIPE");
	else
		ipc_saw(a, "the data, then something else");
	ask_done(&p);
}

void ask_closed_peer(struct ipc_answer *a)
{
	struct ask_pipe p;

	if (!ask_both(a, &bytes, &p))
		return;
	ask_close(&p.server);
	ipc_saw_code(a, ask_write(p.client, "x", 1));
	ask_done(&p);
}

void ask_disconnected(struct ipc_answer *a)
{
	struct ask_pipe p;
	char byte;

	if (!ask_both(a, &bytes, &p))
		return;
	DisconnectNamedPipe(p.server);
	ipc_saw_code(a, ask_read(p.client, &byte, 1, NULL));
	ask_done(&p);
}

void ask_kept(struct ipc_answer *a)
{
	struct ask_pipe p;
	char byte;

	if (!ask_both(a, &bytes, &p))
		return;
	ask_write(p.server, "x", 1);
	DisconnectNamedPipe(p.server);
	ipc_saw(a, ask_read(p.client, &byte, 1, NULL) ? "lost" : "kept");
	ask_done(&p);
}

void ask_client_disconnects(struct ipc_answer *a)
{
	struct ask_pipe p;

	if (!ask_both(a, &bytes, &p))
		return;
	ipc_saw_code(a, ask_code(DisconnectNamedPipe(p.client)));
	ask_done(&p);
}

void ask_flush_read_end(struct ipc_answer *a)
{
	const struct ask_spec spec = { .open = PIPE_ACCESS_INBOUND };
	struct ask_pipe p;

	if (!ask_both(a, &spec, &p))
		return;
	ipc_saw_code(a, ask_code(FlushFileBuffers(p.server)));
	ask_done(&p);
}

static DWORD flush(HANDLE handle)
{
	return ask_code(FlushFileBuffers(handle));
}

/* Unread data keeps it waiting until it is cancelled. */
static void cancel_flush(struct ipc_answer *a, DWORD open)
{
	const struct ask_spec spec = { .open = open };
	OVERLAPPED op = { .hEvent = NULL };
	static struct ask_call calls[2];
	struct ask_call *call = &calls[open != 0];
	struct ask_pipe p;
	DWORD done;

	if (!ask_both(a, &spec, &p))
		return;
	if (!WriteFile(p.server, "x", 1, NULL, &op))
		GetOverlappedResult(p.server, &op, &done, TRUE);
	if (ask_start(a, call, flush, p.server)) {
		if (ask_cancel(call))
			ipc_saw_code(a, call->code);
		else
			ipc_saw(a, "waits for ever");
	}
	ask_close(&p.client); /* this ends it in any case */
	ask_ended(call, 1000);
	ask_forget(call);
	ask_done(&p);
}

void ask_flush_cancel(struct ipc_answer *a)
{
	cancel_flush(a, 0);
}

void ask_flush_cancel_overlapped(struct ipc_answer *a)
{
	cancel_flush(a, FILE_FLAG_OVERLAPPED);
}

/* Impersonation. */

static void saw_level(struct ipc_answer *a)
{
	static const char *const names[] = { "anonymous", "identification",
					     "impersonation", "delegation" };
	SECURITY_IMPERSONATION_LEVEL level = 0;
	HANDLE token;
	DWORD got;

	if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) {
		ipc_saw_code(a, GetLastError());
		return;
	}
	if (!GetTokenInformation(token, TokenImpersonationLevel, &level,
				 sizeof(level), &got))
		ipc_saw_code(a, GetLastError());
	else
		ipc_saw(a, "%s", (unsigned)level < 4 ? names[level] : "unknown");
	CloseHandle(token);
}

/* To go on as somebody else would be worse than to end. */
static void be_oneself(void)
{
	if (!RevertToSelf())
		abort();
}

static void impersonate(struct ipc_answer *a, DWORD sqos, bool reads)
{
	const struct ask_spec spec = { .client = sqos };
	struct ask_pipe p;
	char byte;

	if (!ask_both(a, &spec, &p))
		return;
	ask_write(p.client, "x", 1);
	if (reads)
		ask_read(p.server, &byte, 1, NULL);
	if (!ImpersonateNamedPipeClient(p.server)) {
		ipc_saw_code(a, GetLastError());
	} else if (reads) {
		saw_level(a);
		be_oneself();
	} else {
		be_oneself();
		ipc_saw_code(a, 0);
	}
	ask_done(&p);
}

void ask_before_first_read(struct ipc_answer *a)
{
	impersonate(a, SECURITY_IMPERSONATION, false);
}

void ask_anonymous(struct ipc_answer *a)
{
	impersonate(a, SECURITY_ANONYMOUS, true);
}

void ask_identification(struct ipc_answer *a)
{
	impersonate(a, SECURITY_IDENTIFICATION, true);
}

void ask_impersonation(struct ipc_answer *a)
{
	impersonate(a, SECURITY_IMPERSONATION, true);
}
