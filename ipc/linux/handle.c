/* Descriptors as such. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/linux/linux.h"
#include "ipc/proc.h"

void lx_close(int fd)
{
	int code = errno;

	if (fd >= 0)
		close(fd);
	errno = code;
}

enum ipc_rc lx_cloexec(int fd, bool on, struct ipc_err *err)
{
	if (fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0)
		return ipc_fail(err, "fcntl(F_SETFD)", NULL);
	return IPC_OK;
}

enum ipc_rc lx_nonblock(int fd, bool on, int *before, struct ipc_err *err)
{
	int flags = fcntl(fd, F_GETFL);
	int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

	if (flags < 0)
		return ipc_fail(err, "fcntl(F_GETFL)", NULL);
	if (before)
		*before = flags;
	if (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)
		return ipc_fail(err, "fcntl(F_SETFL)", NULL);
	return IPC_OK;
}

void ipc_handle_close(ipc_handle handle)
{
	lx_close((int)handle);
}

enum ipc_rc ipc_handle_parse(const char *text, ipc_handle *out)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < 0 || number > 1 << 30)
		return IPC_INVALID;
	*out = (ipc_handle)number;
	return IPC_OK;
}

ipc_handle ipc_std_handle(int number)
{
	return (ipc_handle)number;
}
