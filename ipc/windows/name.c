/* Names of pipes: they vanish with their last server, nothing to sweep. */
#include "ipc/windows/win.h"

#include <stdio.h>

#include "ipc/sys.h"

enum ipc_rc ipc_name_new(char *buf, size_t size, struct ipc_err *err)
{
	char token[33];
	enum ipc_rc rc = ipc_win_token(token, 16, err);

	if (!rc)
		snprintf(buf, size, "%lu-%s", GetCurrentProcessId(), token);
	return rc;
}

void ipc_name_sweep(const char *name)
{
	(void)name;
}
