/* Handles as such. */
#include "ipc/windows/win.h"

#include <errno.h>
#include <stdlib.h>

#include "ipc/proc.h"

void ipc_handle_close(ipc_handle handle)
{
	if (handle != IPC_NO_HANDLE)
		CloseHandle(ipc_win_handle(handle));
}

/* In decimal, as it goes to a child; handles are multiples of 4, never 0. */
enum ipc_rc ipc_handle_parse(const char *text, ipc_handle *out)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number <= 0)
		return IPC_INVALID;
	*out = (ipc_handle)number;
	return IPC_OK;
}
