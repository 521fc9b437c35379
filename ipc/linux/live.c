/*
 * What listens under a name on this machine: UNIX domain sockets.  FIFOs are
 * files like others; the system keeps no list of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipc/err.h"
#include "ipc/sys.h"

#define ACCEPTS 0x10000u /* __SO_ACCEPTCON */

static const char *type_name(unsigned type)
{
	static const char *const names[] = {
		[1] = "unix-stream", [2] = "unix-dgram", [5] = "unix-seqpacket"
	};

	return type < sizeof(names) / sizeof(*names) && names[type]
		       ? names[type] : "unix";
}

enum ipc_rc ipc_live_pipes(ipc_live_fn *tell, void *user, struct ipc_err *err)
{
	static const char source[] = "/proc/net/unix";
	FILE *file = fopen(source, "r");
	char line[512], name[256];
	unsigned flags, type;

	if (!file)
		return ipc_fail(err, "open", source);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %x %x %*s %*s %255[^\n]", &flags,
			   &type, name) == 3 && flags & ACCEPTS)
			tell(user, type_name(type), name);
	fclose(file);
	return IPC_OK;
}
