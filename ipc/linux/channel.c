/*
 * The control channel: one socket pair, so that a dead peer is an error code
 * and never a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/linux/linux.h"
#include "ipc/proc.h"

enum { SET_MAX = 256 };

static void forget(struct ipc_channel *channel)
{
	*channel = (struct ipc_channel){ .rd = IPC_NO_HANDLE,
					 .wr = IPC_NO_HANDLE };
}

static enum ipc_rc channel_make(struct ipc_channel *mine, int rd, int wr,
				struct ipc_err *err)
{
	struct ipc_lines lines;
	enum ipc_rc rc = ipc_lines_open(&lines, err);

	forget(mine);
	if (!rc)
		*mine = (struct ipc_channel){ .rd = rd, .wr = wr, .open = true,
					      .lines = lines };
	return rc;
}

enum ipc_rc ipc_channel_pair(struct ipc_channel *mine, ipc_handle child[2],
			     struct ipc_err *err)
{
	int pair[2], again;
	enum ipc_rc rc;

	forget(mine); /* whatever happens */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return ipc_fail(err, "socketpair", "control channel");
	again = fcntl(pair[1], F_DUPFD_CLOEXEC, 3); /* closed on its own */
	if (again < 0)
		rc = ipc_fail(err, "fcntl", "control channel");
	else
		rc = channel_make(mine, pair[0], pair[0], err);
	if (rc) {
		lx_close(again);
		lx_close(pair[0]);
		lx_close(pair[1]);
		return rc;
	}
	child[0] = pair[1];
	child[1] = again;
	return IPC_OK;
}

enum ipc_rc ipc_channel_open(struct ipc_channel *mine, ipc_handle rd,
			     ipc_handle wr, struct ipc_err *err)
{
	enum ipc_rc rc = lx_cloexec((int)rd, true, err);

	if (!rc)
		rc = lx_cloexec((int)wr, true, err);
	return rc ? rc : channel_make(mine, (int)rd, (int)wr, err);
}

void ipc_channel_close(struct ipc_channel *channel)
{
	if (!channel->open)
		return; /* zeroed, or closed before */
	ipc_handle_close(channel->rd);
	if (channel->wr != channel->rd)
		ipc_handle_close(channel->wr);
	ipc_lines_close(&channel->lines);
	forget(channel);
}

enum ipc_rc ipc_channel_send(struct ipc_channel *channel, const char *text,
			     size_t size, struct ipc_err *err)
{
	while (size) {
		ssize_t sent = send((int)channel->wr, text, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return ipc_fail_io(err, IPC_WAY_WRITE, (uint32_t)errno,
					   "send", "control channel");
		text += sent;
		size -= (size_t)sent;
	}
	return IPC_OK;
}

/* What there is, without waiting; sets eof. */
static enum ipc_rc receive(struct ipc_channel *channel, struct ipc_err *err)
{
	struct ipc_lines *lines = &channel->lines;
	enum ipc_rc rc = ipc_lines_room(lines, 1, err);
	ssize_t got;

	if (rc)
		return rc;
	do
		got = recv((int)channel->rd, lines->text + lines->have,
			   lines->size - lines->have, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		lines->have += (size_t)got;
	else if (got == 0 || errno == ECONNRESET)
		channel->eof = true;
	else if (errno != EAGAIN)
		return ipc_fail_io(err, IPC_WAY_READ, (uint32_t)errno, "recv",
				   "control channel");
	return IPC_OK;
}

/* poll until then; 0 at the deadline, negative after a signal. */
static int poll_until(struct pollfd *set, nfds_t count, uint64_t until)
{
	uint64_t now = ipc_now_ns(), left = until > now ? until - now : 0;
	struct timespec wait = { .tv_sec = (time_t)(left / 1000000000u),
				 .tv_nsec = (long)(left % 1000000000u) };

	return ppoll(set, count, until == UINT64_MAX ? NULL : &wait, NULL);
}

enum ipc_rc ipc_channel_line(struct ipc_channel *channel, uint64_t timeout_ns,
			     char **line, struct ipc_err *err)
{
	struct pollfd readable = { .fd = (int)channel->rd, .events = POLLIN };
	uint64_t until = ipc_in_ns(timeout_ns);

	for (;;) {
		enum ipc_rc rc;
		int ready;

		*line = ipc_lines_take(&channel->lines);
		if (*line)
			return IPC_OK;
		if (channel->eof)
			return ipc_refuse(err, IPC_EOF, "control channel",
					  "the other side is gone");
		ready = poll_until(&readable, 1, until);
		if (ready == 0)
			return ipc_refuse(err, IPC_TIMEOUT, "control channel",
					  "no line came");
		rc = ready > 0 ? receive(channel, err) : IPC_OK;
		if (rc)
			return rc;
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

/* IPC_TIMEOUT at the deadline and after a Ctrl-C, IPC_OK to look again. */
static enum ipc_rc gather(struct ipc_channel *const *set, size_t count,
			  uint64_t until, struct ipc_err *err)
{
	struct pollfd fds[SET_MAX + 1];
	enum ipc_rc rc = IPC_OK;
	int ready;

	for (size_t i = 0; i < count; i++) {
		fds[i].fd = is_open(set[i]) ? (int)set[i]->rd : -1;
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	fds[count] = (struct pollfd){ .fd = lx_interrupt_fd(),
				      .events = POLLIN };
	ready = poll_until(fds, count + 1, until);
	if (ready == 0 || (ready > 0 && fds[count].revents)) {
		lx_interrupt_seen();
		rc = ipc_refuse(err, IPC_TIMEOUT, "control channel",
				"no line came");
	}
	for (size_t i = 0; ready > 0 && i < count; i++)
		if (fds[i].revents && receive(set[i], err))
			set[i]->eof = true; /* as good as gone */
	return rc;
}

enum ipc_rc ipc_channel_wait(struct ipc_channel *const *set, size_t count,
			     uint64_t timeout_ns, size_t *which,
			     struct ipc_err *err)
{
	uint64_t until = ipc_in_ns(timeout_ns);
	enum ipc_rc rc = IPC_OK;

	if (count > SET_MAX)
		return ipc_refuse(err, IPC_INVALID, "control channel",
				  "too many to wait for");
	while (!rc) {
		*which = first_ready(set, count);
		if (*which < count)
			return IPC_OK;
		rc = gather(set, count, until, err);
	}
	*which = first_ready(set, count);
	return *which < count ? IPC_OK : rc;
}
