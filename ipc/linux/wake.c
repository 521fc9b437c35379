/* What a wake-up costs, with POSIX semaphores. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

struct court {
	sem_t     there, back;
	unsigned  cpus[2], rounds;
	uint64_t *ns;
};

static void take(sem_t *turn)
{
	while (sem_wait(turn) < 0 && errno == EINTR)
		;
}

static void *answer(void *arg)
{
	struct court *court = arg;

	ipc_pin(court->cpus[1], NULL);
	for (unsigned i = 0; i < court->rounds; i++) {
		take(&court->there);
		sem_post(&court->back);
	}
	return NULL;
}

static void *serve(void *arg)
{
	struct court *court = arg;

	ipc_pin(court->cpus[0], NULL);
	for (unsigned i = 0; i < court->rounds; i++) {
		uint64_t start = ipc_now_ns();

		sem_post(&court->there);
		take(&court->back);
		court->ns[i] = (ipc_now_ns() - start) / 2;
	}
	return NULL;
}

/* Whoever plays against a player that did not come plays alone. */
static void replace(struct court *court, int failed)
{
	for (unsigned i = 0; failed && i < court->rounds; i++)
		sem_post(&court->there);
}

enum ipc_rc ipc_wake_play(const unsigned cpus[2], unsigned rounds, uint64_t *ns,
			  struct ipc_err *err)
{
	struct court court = { .cpus = { cpus[0], cpus[1] }, .rounds = rounds,
			       .ns = ns };
	pthread_t server, other;
	int failed;

	sem_init(&court.there, 0, 0);
	sem_init(&court.back, 0, 0);
	failed = pthread_create(&other, NULL, answer, &court);
	if (!failed) {
		failed = pthread_create(&server, NULL, serve, &court);
		replace(&court, failed);
		if (!failed)
			pthread_join(server, NULL);
		pthread_join(other, NULL);
	}
	sem_destroy(&court.there);
	sem_destroy(&court.back);
	if (failed)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
				   "pthread_create", "wake-up");
	return IPC_OK;
}
