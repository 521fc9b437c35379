#include "ipc/windows/win.h"

#include <stdio.h>

#include "ipc/sys.h"

enum ipc_rc ipc_win_wide(const char *text, wchar_t *buf, size_t room,
			 struct ipc_err *err)
{
	if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, buf,
				 (int)room)) {
		ipc_fail(err, "MultiByteToWideChar", text);
		if (err)
			err->rc = IPC_INVALID;
		return IPC_INVALID;
	}
	return IPC_OK;
}

const char *ipc_win_narrow(const wchar_t *text, char *buf, size_t room)
{
	int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, buf, (int)room,
				       NULL, NULL);

	if (size <= 0 && room)
		buf[room - 1] = '\0'; /* filled up to there, then cut */
	return buf;
}

enum ipc_rc ipc_win_token(char *buf, size_t count, struct ipc_err *err)
{
	unsigned char bytes[32];
	enum ipc_rc rc;

	if (count > sizeof(bytes))
		return ipc_refuse(err, IPC_INVALID, "token", "too long");
	rc = ipc_random(bytes, count, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++)
		snprintf(buf + 2 * i, 3, "%02x", bytes[i]);
	return IPC_OK;
}

DWORD ipc_win_ms(uint64_t ns)
{
	uint64_t ms;

	if (ns == UINT64_MAX)
		return INFINITE;
	ms = ns / 1000000 + (ns % 1000000 != 0);
	return ms < 0x7fffffff ? (DWORD)ms : 0x7fffffff;
}
