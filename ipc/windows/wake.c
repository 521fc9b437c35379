/* What a wake-up costs, with the system's semaphores. */
#include <stdlib.h>

#include <windows.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

struct court {
	HANDLE   there, back;
	unsigned rounds;
};

static DWORD WINAPI answer(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		WaitForSingleObject(court->there, INFINITE);
		ReleaseSemaphore(court->back, 1, NULL);
	}
	return 0;
}

enum ipc_rc ipc_wake_play(unsigned rounds, uint64_t *ns, struct ipc_err *err)
{
	struct court court = { .rounds = rounds };
	enum ipc_rc rc = IPC_OK;
	HANDLE thread = NULL;

	court.there = CreateSemaphoreW(NULL, 0, 1, NULL);
	court.back = CreateSemaphoreW(NULL, 0, 1, NULL);
	if (court.there && court.back)
		thread = CreateThread(NULL, 0, answer, &court, 0, NULL);
	if (!thread)
		rc = ipc_fail(err, "CreateThread", "wake-up");
	for (unsigned i = 0; thread && i < rounds; i++) {
		uint64_t start = ipc_now_ns();

		ReleaseSemaphore(court.there, 1, NULL);
		WaitForSingleObject(court.back, INFINITE);
		ns[i] = (ipc_now_ns() - start) / 2;
	}
	if (thread) {
		WaitForSingleObject(thread, INFINITE);
		CloseHandle(thread);
	}
	if (court.there)
		CloseHandle(court.there);
	if (court.back)
		CloseHandle(court.back);
	return rc;
}
