/* The pipes of this machine. */
#include "ipc/windows/win.h"

#include "ipc/sys.h"

/*
 * Looking at the folder is the only way that consumes no instance: to ask
 * after a single pipe is to open it.  Wine 8 has no such folder (66).
 */
enum ipc_rc ipc_live_pipes(ipc_live_fn *tell, void *user, struct ipc_err *err)
{
	WIN32_FIND_DATAW found;
	HANDLE list = FindFirstFileW(L"\\\\.\\pipe\\*", &found);
	char name[IPC_NAME_MAX];

	if (list == INVALID_HANDLE_VALUE && ipc_wine())
		return ipc_refusef(err, IPC_UNSUPPORTED, "FindFirstFileW",
				   "%s does not list its pipes (Windows does)",
				   ipc_wine());
	if (list == INVALID_HANDLE_VALUE)
		return ipc_fail(err, "FindFirstFileW", "\\\\.\\pipe\\*");
	do
		tell(user, "named", ipc_win_narrow(found.cFileName, name,
						   sizeof(name)));
	while (FindNextFileW(list, &found));
	FindClose(list);
	return IPC_OK;
}
