/* What a wake-up costs, with the system's semaphores. */
#include <errno.h>
#include <semaphore.h>

#include "ipc/clock.h"
#include "ipc/duo.h"

struct court {
	sem_t     there, back;
	unsigned  rounds;
	uint64_t *ns;
};

static void take(sem_t *turn)
{
	while (sem_wait(turn) && errno == EINTR)
		;
}

static void serve(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		uint64_t start = ipc_now_ns();

		sem_post(&court->there);
		take(&court->back);
		court->ns[i] = (ipc_now_ns() - start) / 2;
	}
}

static void answer(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		take(&court->there);
		sem_post(&court->back);
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

	sem_init(&court.there, 0, 0);
	sem_init(&court.back, 0, 0);
	rc = ipc_duo(players, err);
	sem_destroy(&court.there);
	sem_destroy(&court.back);
	return rc;
}
