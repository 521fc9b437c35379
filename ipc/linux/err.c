#include "ipc/err.h"

#include <errno.h>
#include <string.h>

uint32_t ipc_os_last(void)
{
	return (uint32_t)errno;
}

const char *ipc_os_space(void)
{
	return "errno";
}

const char *ipc_os_name(uint32_t os_code)
{
	return strerrorname_np((int)os_code);
}

/*
 * A connection that is reset, or has no reader, is a lost peer whichever way
 * the bytes went; an end of stream is no error code here but a read of 0.
 */
static enum ipc_rc class_of_transfer(uint32_t os_code)
{
	switch (os_code) {
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		return IPC_GONE;
	default:
		return IPC_OS;
	}
}

enum ipc_rc ipc_os_class(enum ipc_way way, uint32_t os_code)
{
	switch (os_code) {
	case ENOMEM:
	case ENOBUFS:
		return IPC_NOMEM;
	case EACCES:
	case EPERM:
	case EROFS:
		return IPC_DENIED;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED: /* a socket file that nobody listens on */
	case ENXIO:        /* a FIFO that nobody reads */
		return IPC_NOT_FOUND;
	case EEXIST:
	case EADDRINUSE:
	case EBUSY:
	case EAGAIN: /* of a transfer the engines handle it themselves */
		return IPC_BUSY;
	case EINVAL:
	case ENAMETOOLONG:
	case EMSGSIZE:
		return IPC_INVALID;
	case ENOSYS:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		return IPC_UNSUPPORTED;
	case ETIMEDOUT:
		return IPC_TIMEOUT;
	default:
		return way == IPC_WAY_OTHER ? IPC_OS
					    : class_of_transfer(os_code);
	}
}
