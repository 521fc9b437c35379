/* Two threads at once. */
#include <windows.h>

#include "ipc/duo.h"

static DWORD WINAPI play(void *arg)
{
	ipc_duo_play(arg);
	return 0;
}

enum ipc_rc ipc_duo(struct ipc_player players[2], struct ipc_err *err)
{
	HANDLE threads[2];
	atomic_int cue = IPC_CUE_WAIT;
	enum ipc_rc rc = IPC_OK;
	int count = 0;

	for (int i = 0; i < 2 && !rc; i++) {
		players[i].cue = &cue;
		threads[i] = CreateThread(NULL, 0, play, &players[i], 0, NULL);
		if (threads[i])
			count++;
		else
			rc = ipc_fail(err, "CreateThread", "duo");
	}
	atomic_store(&cue, rc ? IPC_CUE_LEAVE : IPC_CUE_PLAY);
	while (count) {
		WaitForSingleObject(threads[--count], INFINITE);
		CloseHandle(threads[count]);
	}
	return rc;
}
