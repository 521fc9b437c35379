/* What a wake-up costs, with POSIX semaphores. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

struct court {
	sem_t    there, back;
	unsigned rounds;
};

static void take(sem_t *turn)
{
	while (sem_wait(turn) < 0 && errno == EINTR)
		;
}

static void *answer(void *arg)
{
	struct court *court = arg;

	for (unsigned i = 0; i < court->rounds; i++) {
		take(&court->there);
		sem_post(&court->back);
	}
	return NULL;
}

enum ipc_rc ipc_wake_play(unsigned rounds, uint64_t *ns, struct ipc_err *err)
{
	struct court court = { .rounds = rounds };
	pthread_t thread;
	int failed;

	sem_init(&court.there, 0, 0);
	sem_init(&court.back, 0, 0);
	failed = pthread_create(&thread, NULL, answer, &court);
	if (failed)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
				   "pthread_create", "wake-up");
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t start = ipc_now_ns();

		sem_post(&court.there);
		take(&court.back);
		ns[i] = (ipc_now_ns() - start) / 2;
	}
	pthread_join(thread, NULL);
	sem_destroy(&court.there);
	sem_destroy(&court.back);
	return IPC_OK;
}
