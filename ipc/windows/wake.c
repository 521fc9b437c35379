/* What a wake-up costs, with the system's semaphores. */
#include <windows.h>

#include "ipc/clock.h"
#include "ipc/duo.h"

struct court {
	HANDLE    there, back;
	unsigned  rounds;
	uint64_t *ns;
};

static void serve(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		uint64_t start = ipc_now_ns();

		ReleaseSemaphore(court->there, 1, NULL);
		WaitForSingleObject(court->back, INFINITE);
		court->ns[i] = (ipc_now_ns() - start) / 2;
	}
}

static void answer(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		WaitForSingleObject(court->there, INFINITE);
		ReleaseSemaphore(court->back, 1, NULL);
	}
}

enum ipc_rc ipc_wake_play(const unsigned cpus[2], unsigned rounds, uint64_t *ns,
			  struct ipc_err *err)
{
	struct court court = { .rounds = rounds, .ns = ns };
	struct ipc_player players[2] = {
		{ .body = serve, .arg = &court, .cpu = cpus[0] },
		{ .body = answer, .arg = &court, .cpu = cpus[1] },
	};
	enum ipc_rc rc;

	court.there = CreateSemaphoreW(NULL, 0, 1, NULL);
	court.back = CreateSemaphoreW(NULL, 0, 1, NULL);
	rc = court.there && court.back
		     ? ipc_duo(players, err)
		     : ipc_fail(err, "CreateSemaphore", "wake-up");
	if (court.there)
		CloseHandle(court.there);
	if (court.back)
		CloseHandle(court.back);
	return rc;
}
