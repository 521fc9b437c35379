/*
 * The control channel: two unnamed overlapped pipes, because only those can
 * be waited for with a deadline.  A read is always pending on a channel that
 * somebody waits for, and stays pending when the deadline passes.
 */
#include "ipc/windows/win.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/proc.h"

enum {
	CHUNK_BYTES = 64 << 10,
	SET_MAX = 256,
	WAIT_MAX = MAXIMUM_WAIT_OBJECTS - 1 /* and the Ctrl-C event */
};

/* ipc_channel.system */
struct place {
	OVERLAPPED in, out; /* each with its event */
	bool       busy;    /* chunk belongs to a pending read */
	char       chunk[CHUNK_BYTES];
};

static void free_place(struct place *place)
{
	if (!place)
		return;
	if (place->in.hEvent)
		CloseHandle(place->in.hEvent);
	if (place->out.hEvent)
		CloseHandle(place->out.hEvent);
	free(place);
}

static void forget(struct ipc_channel *channel)
{
	*channel = (struct ipc_channel){ .rd = IPC_NO_HANDLE,
					 .wr = IPC_NO_HANDLE };
}

static enum ipc_rc channel_make(struct ipc_channel *mine, ipc_handle rd,
				ipc_handle wr, struct ipc_err *err)
{
	struct place *place = calloc(1, sizeof(*place));
	struct ipc_lines lines;
	enum ipc_rc rc = ipc_lines_open(&lines, err);

	if (place) {
		place->in.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
		place->out.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
	}
	if (!rc && place && place->in.hEvent && place->out.hEvent) {
		*mine = (struct ipc_channel){ .rd = rd, .wr = wr, .open = true,
					      .lines = lines, .system = place };
		return IPC_OK;
	}
	if (!rc)
		rc = place ? ipc_fail(err, "CreateEventW", "control channel")
			   : ipc_refuse(err, IPC_NOMEM, "calloc", "channel");
	free_place(place);
	ipc_lines_close(&lines);
	forget(mine);
	return rc;
}

/* A pipe of the control channel: its reader is its server. */
static enum ipc_rc one_way(ipc_handle *rd, ipc_handle *wr, struct ipc_err *err)
{
	struct ipc_win_pipe pipe = {
		.access = PIPE_ACCESS_INBOUND,
		.type = PIPE_TYPE_BYTE,
		.in = CHUNK_BYTES,
		.out = CHUNK_BYTES,
		.instances = 1,
	};
	HANDLE from, to;
	enum ipc_rc rc = ipc_win_pair(&pipe, IPC_CAP_ASYNC, IPC_CAP_ASYNC,
				      &from, &to, err);

	if (rc)
		return rc;
	*rd = ipc_win_from(from);
	*wr = ipc_win_from(to);
	return IPC_OK;
}

enum ipc_rc ipc_channel_pair(struct ipc_channel *mine, ipc_handle child[2],
			     struct ipc_err *err)
{
	ipc_handle h[4] = { IPC_NO_HANDLE, IPC_NO_HANDLE, IPC_NO_HANDLE,
			    IPC_NO_HANDLE };
	enum ipc_rc rc = one_way(&h[0], &h[1], err);

	forget(mine);
	if (!rc)
		rc = one_way(&h[2], &h[3], err);
	if (!rc)
		rc = channel_make(mine, h[0], h[3], err);
	if (rc) {
		for (int i = 0; i < 4; i++)
			ipc_handle_close(h[i]);
		return rc;
	}
	child[0] = h[2];
	child[1] = h[1];
	return IPC_OK;
}

static enum ipc_rc keep_to_ourselves(ipc_handle handle, struct ipc_err *err)
{
	return SetHandleInformation(ipc_win_handle(handle),
				    HANDLE_FLAG_INHERIT, 0)
		       ? IPC_OK
		       : ipc_fail(err, "SetHandleInformation",
				  "control channel");
}

enum ipc_rc ipc_channel_open(struct ipc_channel *mine, ipc_handle rd,
			     ipc_handle wr, struct ipc_err *err)
{
	enum ipc_rc rc = keep_to_ourselves(rd, err);

	if (!rc)
		rc = keep_to_ourselves(wr, err);
	return rc ? rc : channel_make(mine, rd, wr, err);
}

void ipc_channel_close(struct ipc_channel *channel)
{
	struct place *place = channel->system;
	HANDLE rd = ipc_win_handle(channel->rd);
	DWORD none;

	if (!channel->open)
		return; /* zeroed, or closed before */
	if (place->busy) {
		CancelIoEx(rd, &place->in);
		GetOverlappedResult(rd, &place->in, &none, TRUE);
	}
	ipc_handle_close(channel->rd);
	if (channel->wr != channel->rd)
		ipc_handle_close(channel->wr);
	free_place(place);
	ipc_lines_close(&channel->lines);
	forget(channel);
}

enum ipc_rc ipc_channel_send(struct ipc_channel *channel, const char *text,
			     size_t size, struct ipc_err *err)
{
	struct place *place = channel->system;
	HANDLE wr = ipc_win_handle(channel->wr);
	DWORD sent;

	while (size) {
		DWORD some = size < 1 << 30 ? (DWORD)size : 1 << 30;

		if (!WriteFile(wr, text, some, NULL, &place->out) &&
		    GetLastError() != ERROR_IO_PENDING)
			return ipc_fail_io(err, IPC_WAY_WRITE, GetLastError(),
					   "WriteFile", "control channel");
		if (!GetOverlappedResult(wr, &place->out, &sent, TRUE))
			return ipc_fail_io(err, IPC_WAY_WRITE, GetLastError(),
					   "WriteFile", "control channel");
		text += sent;
		size -= sent;
	}
	return IPC_OK;
}

/* What a finished read brought. */
static enum ipc_rc harvest(struct ipc_channel *channel, struct ipc_err *err)
{
	struct place *place = channel->system;
	struct ipc_lines *lines = &channel->lines;
	DWORD got, code;
	enum ipc_rc rc;

	if (!GetOverlappedResult(ipc_win_handle(channel->rd), &place->in, &got,
				 FALSE)) {
		code = GetLastError();
		place->busy = false;
		if (code == ERROR_OPERATION_ABORTED)
			return IPC_OK; /* its thread has ended: read again */
		channel->eof = true;
		return ipc_os_class(IPC_WAY_READ, code) == IPC_EOF ||
				       ipc_os_class(IPC_WAY_READ, code) ==
					       IPC_GONE
			       ? IPC_OK
			       : ipc_fail_io(err, IPC_WAY_READ, code,
					     "ReadFile", "control channel");
	}
	place->busy = false;
	rc = ipc_lines_room(lines, got, err);
	if (rc)
		return rc;
	memcpy(lines->text + lines->have, place->chunk, got);
	lines->have += got;
	return IPC_OK;
}

/* See that a read is under way; what is already there is taken at once. */
static enum ipc_rc receive(struct ipc_channel *channel, struct ipc_err *err)
{
	struct place *place = channel->system;
	DWORD code;

	if (place->busy)
		return HasOverlappedIoCompleted(&place->in)
			       ? harvest(channel, err) : IPC_OK;
	place->busy = true;
	if (ReadFile(ipc_win_handle(channel->rd), place->chunk, CHUNK_BYTES,
		     NULL, &place->in))
		return harvest(channel, err);
	code = GetLastError();
	if (code == ERROR_IO_PENDING)
		return IPC_OK;
	place->busy = false;
	channel->eof = true;
	return code == ERROR_BROKEN_PIPE || code == ERROR_PIPE_NOT_CONNECTED
		       ? IPC_OK
		       : ipc_fail_io(err, IPC_WAY_READ, code, "ReadFile",
				     "control channel");
}

static uint64_t left_until(uint64_t until)
{
	uint64_t now = ipc_now_ns();

	return until == UINT64_MAX ? until : until > now ? until - now : 0;
}

enum ipc_rc ipc_channel_line(struct ipc_channel *channel, uint64_t timeout_ns,
			     char **line, struct ipc_err *err)
{
	struct place *place = channel->system;
	uint64_t until = ipc_in_ns(timeout_ns);

	for (;;) {
		enum ipc_rc rc;

		*line = ipc_lines_take(&channel->lines);
		if (*line)
			return IPC_OK;
		if (channel->eof)
			return ipc_refuse(err, IPC_EOF, "control channel",
					  "the other side is gone");
		rc = receive(channel, err);
		if (rc)
			return rc;
		if (place->busy &&
		    WaitForSingleObject(place->in.hEvent,
					ipc_win_ms(left_until(until))) ==
			    WAIT_TIMEOUT)
			return ipc_refuse(err, IPC_TIMEOUT, "control channel",
					  "no line came");
	}
}

static bool is_open(const struct ipc_channel *channel)
{
	return channel && channel->open;
}

/* The first channel with something to say, count if none. */
static size_t first_ready(struct ipc_channel *const *set, size_t count)
{
	size_t i = 0;

	while (i < count &&
	       !(is_open(set[i]) && (set[i]->eof || ipc_lines_any(&set[i]->lines))))
		i++;
	return i;
}

/* Reads under way on all of them; a broken channel is as good as gone. */
static void receive_all(struct ipc_channel *const *set, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_open(set[i]) && !set[i]->eof && receive(set[i], NULL))
			set[i]->eof = true;
}

/*
 * One system call waits for 64 handles at most.  With more channels than that
 * the rest is looked at every millisecond.  WAIT_TIMEOUT, WAIT_OBJECT_0 for
 * the Ctrl-C event, anything else for a channel.
 */
static DWORD wait_some(struct ipc_channel *const *set, size_t count,
		       uint64_t until)
{
	HANDLE events[MAXIMUM_WAIT_OBJECTS];
	uint64_t left = left_until(until);
	bool partly = count > WAIT_MAX && left > 1000000;
	DWORD n = 0, most = WAIT_MAX, answer;
	bool catches = ipc_win_interrupt_event() != NULL;

	if (catches) {
		events[n++] = ipc_win_interrupt_event();
		most++;
	}
	for (size_t i = 0; i < count && n < most; i++)
		if (is_open(set[i]) && !set[i]->eof)
			events[n++] =
				((struct place *)set[i]->system)->in.hEvent;
	if (!n) {
		ipc_sleep_ns(left);
		return WAIT_TIMEOUT;
	}
	answer = WaitForMultipleObjects(n, events, FALSE,
					partly ? 1 : ipc_win_ms(left));
	if (answer == WAIT_FAILED)
		return WAIT_TIMEOUT; /* the caller looks at them once more */
	if (answer == WAIT_TIMEOUT)
		return partly ? WAIT_OBJECT_0 + 1 : answer;
	return catches ? answer : answer + 1;
}

enum ipc_rc ipc_channel_wait(struct ipc_channel *const *set, size_t count,
			     uint64_t timeout_ns, size_t *which,
			     struct ipc_err *err)
{
	uint64_t until = ipc_in_ns(timeout_ns);
	DWORD answer;

	if (count > SET_MAX)
		return ipc_refuse(err, IPC_INVALID, "control channel",
				  "too many to wait for");
	do {
		receive_all(set, count);
		*which = first_ready(set, count);
		if (*which < count)
			return IPC_OK;
		answer = wait_some(set, count, until);
	} while (answer != WAIT_TIMEOUT && answer != WAIT_OBJECT_0);
	ipc_win_interrupt_seen();
	receive_all(set, count);
	*which = first_ready(set, count);
	return *which < count ? IPC_OK
			      : ipc_refuse(err, IPC_TIMEOUT, "control channel",
					   "no line came");
}
