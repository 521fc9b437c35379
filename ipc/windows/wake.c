/* What a wake-up costs, with the system's semaphores. */
#include <stdlib.h>

#include <windows.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

struct court {
	HANDLE    there, back;
	unsigned  cpus[2], rounds;
	uint64_t *ns;
};

static DWORD WINAPI answer(void *arg)
{
	struct court *court = arg;

	ipc_pin(court->cpus[1], NULL);
	for (unsigned i = 0; i < court->rounds; i++) {
		WaitForSingleObject(court->there, INFINITE);
		ReleaseSemaphore(court->back, 1, NULL);
	}
	return 0;
}

static DWORD WINAPI serve(void *arg)
{
	struct court *court = arg;

	ipc_pin(court->cpus[0], NULL);
	for (unsigned i = 0; i < court->rounds; i++) {
		uint64_t start = ipc_now_ns();

		ReleaseSemaphore(court->there, 1, NULL);
		WaitForSingleObject(court->back, INFINITE);
		court->ns[i] = (ipc_now_ns() - start) / 2;
	}
	return 0;
}

/* Both players, or one that finds all its turns already there. */
static enum ipc_rc play(struct court *court, struct ipc_err *err)
{
	HANDLE other = CreateThread(NULL, 0, answer, court, 0, NULL), server;
	enum ipc_rc rc = IPC_OK;

	if (!other)
		return ipc_fail(err, "CreateThread", "wake-up");
	server = CreateThread(NULL, 0, serve, court, 0, NULL);
	if (server) {
		WaitForSingleObject(server, INFINITE);
		CloseHandle(server);
	} else {
		rc = ipc_fail(err, "CreateThread", "wake-up");
		ReleaseSemaphore(court->there, (LONG)court->rounds, NULL);
	}
	WaitForSingleObject(other, INFINITE);
	CloseHandle(other);
	return rc;
}

enum ipc_rc ipc_wake_play(const unsigned cpus[2], unsigned rounds, uint64_t *ns,
			  struct ipc_err *err)
{
	struct court court = { .cpus = { cpus[0], cpus[1] }, .rounds = rounds,
			       .ns = ns };
	LONG most = (LONG)rounds;
	enum ipc_rc rc;

	court.there = CreateSemaphoreW(NULL, 0, most, NULL);
	court.back = CreateSemaphoreW(NULL, 0, most, NULL);
	rc = court.there && court.back
		     ? play(&court, err)
		     : ipc_fail(err, "CreateSemaphore", "wake-up");
	if (court.there)
		CloseHandle(court.there);
	if (court.back)
		CloseHandle(court.back);
	return rc;
}
