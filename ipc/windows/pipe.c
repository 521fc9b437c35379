/* Instances of named pipes, as both kinds of transports make them. */
#include "ipc/windows/win.h"

#include <stdio.h>
#include <wchar.h>

/*
 * A server that only reads gets a handle without FILE_WRITE_ATTRIBUTES, on
 * which SetNamedPipeHandleState fails with 5: if it is to be polled, that must
 * be said here.  (Wine 8 lets it pass.)
 */
static DWORD wait_mode(const struct ipc_win_pipe *pipe, unsigned needs)
{
	return pipe->access == PIPE_ACCESS_INBOUND && needs & IPC_CAP_POLL
		       ? PIPE_NOWAIT : PIPE_WAIT;
}

HANDLE ipc_win_create(const struct ipc_win_pipe *pipe, unsigned needs,
		      bool first, SECURITY_ATTRIBUTES *attributes)
{
	DWORD mode = pipe->access | pipe->flags;

	if (needs & IPC_CAP_ASYNC)
		mode |= FILE_FLAG_OVERLAPPED;
	if (first)
		mode |= FILE_FLAG_FIRST_PIPE_INSTANCE;
	return CreateNamedPipeW(pipe->path, mode,
				pipe->type | wait_mode(pipe, needs) |
					(pipe->remote
						 ? PIPE_ACCEPT_REMOTE_CLIENTS
						 : PIPE_REJECT_REMOTE_CLIENTS),
				pipe->instances, pipe->out, pipe->in,
				pipe->timeout_ms, attributes);
}

/* A client may ask for no more than the other half of the server's access. */
static DWORD client_rights(DWORD access)
{
	switch (access) {
	case PIPE_ACCESS_INBOUND:
		return GENERIC_WRITE | FILE_READ_ATTRIBUTES;
	case PIPE_ACCESS_OUTBOUND:
		return GENERIC_READ | FILE_WRITE_ATTRIBUTES;
	default:
		return GENERIC_READ | GENERIC_WRITE;
	}
}

/*
 * Clients start in byte-read mode, whatever the pipe is.  What a client may
 * gather before it sends can be set on a pipe of another machine only: here
 * Windows says 87 (as documented; Wine 8 takes it and does nothing).
 */
static bool set_state(HANDLE client, const struct ipc_win_pipe *pipe)
{
	bool message = pipe->access != PIPE_ACCESS_INBOUND && /* it reads */
		       pipe->type & PIPE_READMODE_MESSAGE;
	DWORD mode = PIPE_WAIT | (message ? PIPE_READMODE_MESSAGE
					  : PIPE_READMODE_BYTE);
	DWORD collect = pipe->collect;

	if (!message && !collect)
		return true;
	return SetNamedPipeHandleState(client, &mode, collect ? &collect : NULL,
				       NULL);
}

HANDLE ipc_win_open(const struct ipc_win_pipe *pipe, unsigned needs)
{
	DWORD flags = SECURITY_SQOS_PRESENT | pipe->sqos | pipe->flags;
	HANDLE client;
	DWORD code;

	if (needs & IPC_CAP_ASYNC)
		flags |= FILE_FLAG_OVERLAPPED;
	client = CreateFileW(pipe->path, client_rights(pipe->access), 0, NULL,
			     OPEN_EXISTING, flags, NULL);
	if (client == INVALID_HANDLE_VALUE || set_state(client, pipe))
		return client;
	code = GetLastError();
	CloseHandle(client);
	SetLastError(code);
	return INVALID_HANDLE_VALUE;
}

static enum ipc_rc secret_path(struct ipc_win_pipe *pipe, struct ipc_err *err)
{
	char token[33];
	enum ipc_rc rc = ipc_win_token(token, 16, err);

	if (!rc)
		swprintf(pipe->path, IPC_NAME_MAX,
			 L"\\\\.\\pipe\\pipemark-anon-%lu-%hs",
			 GetCurrentProcessId(), token);
	return rc;
}

enum ipc_rc ipc_win_pair(struct ipc_win_pipe *pipe, unsigned near_needs,
			 unsigned far_needs, HANDLE *near_side,
			 HANDLE *far_side, struct ipc_err *err)
{
	SECURITY_ATTRIBUTES attributes;
	enum ipc_rc rc = secret_path(pipe, err);

	if (!rc)
		rc = ipc_win_security(&attributes, NULL, false, err);
	if (rc)
		return rc;
	*near_side = ipc_win_create(pipe, near_needs, true, &attributes);
	if (*near_side == INVALID_HANDLE_VALUE)
		rc = ipc_fail(err, "CreateNamedPipeW", "anonymous pipe");
	ipc_win_security_free(&attributes);
	if (rc)
		return rc;
	/* the instance listens from birth; nobody needs ConnectNamedPipe */
	*far_side = ipc_win_open(pipe, far_needs);
	if (*far_side == INVALID_HANDLE_VALUE) {
		rc = ipc_fail(err, "CreateFileW", "anonymous pipe");
		CloseHandle(*near_side);
	}
	return rc;
}

static bool unread_data(HANDLE server)
{
	DWORD waiting = 0;

	return PeekNamedPipe(server, NULL, 0, NULL, &waiting, NULL) && waiting;
}

/* One attempt; the answer is a code of GetLastError, 0 for a connection. */
static DWORD connect_once(HANDLE server, unsigned needs, HANDLE event)
{
	OVERLAPPED op = { .hEvent = event };
	DWORD none;

	if (!(needs & IPC_CAP_ASYNC))
		return ConnectNamedPipe(server, NULL) ? 0 : GetLastError();
	if (ConnectNamedPipe(server, &op))
		return 0;
	if (GetLastError() != ERROR_IO_PENDING)
		return GetLastError(); /* 535 signals no event: never wait */
	return GetOverlappedResult(server, &op, &none, TRUE) ? 0
							     : GetLastError();
}

enum ipc_rc ipc_win_await_client(HANDLE server, unsigned needs,
				 const char *name, struct ipc_err *err)
{
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
	enum ipc_rc rc = IPC_OK;
	bool waiting = true;

	if (!event)
		return ipc_fail(err, "CreateEventW", name);
	while (waiting && !rc) {
		DWORD code = connect_once(server, needs, event);

		switch (code) {
		case 0:
		case ERROR_PIPE_CONNECTED: /* faster than we were */
			waiting = false;
			break;
		case ERROR_PIPE_LISTENING: /* PIPE_NOWAIT: nobody yet */
			Sleep(1);
			break;
		case ERROR_NO_DATA:
			/* came and went: a client only if it left us words */
			waiting = !unread_data(server);
			if (waiting)
				DisconnectNamedPipe(server);
			break;
		default:
			rc = ipc_fail_io(err, IPC_WAY_OTHER, code,
					 "ConnectNamedPipe", name);
		}
	}
	CloseHandle(event);
	return rc;
}
