/* What a wake-up costs, with the system's semaphores. */
#include "ipc/clock.h"
#include "ipc/duo.h"
#include "ipc/proc.h"

struct court {
	struct ipc_sem *there, *back;
	unsigned        rounds;
	uint64_t       *ns;
};

static void serve(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		uint64_t start = ipc_now_ns();

		ipc_sem_post(court->there);
		ipc_sem_wait(court->back);
		court->ns[i] = (ipc_now_ns() - start) / 2;
	}
}

static void answer(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		ipc_sem_wait(court->there);
		ipc_sem_post(court->back);
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
	enum ipc_rc rc = ipc_sem_new(&court.there, err);

	if (!rc)
		rc = ipc_sem_new(&court.back, err);
	if (!rc)
		rc = ipc_duo(players, err);
	ipc_sem_free(court.there);
	ipc_sem_free(court.back);
	return rc;
}
