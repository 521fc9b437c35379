/* Two threads at once. */
#include <pthread.h>

#include "ipc/duo.h"

static void *play(void *arg)
{
	ipc_duo_play(arg);
	return NULL;
}

enum ipc_rc ipc_duo(struct ipc_player players[2], struct ipc_err *err)
{
	pthread_t threads[2];
	atomic_int cue = IPC_CUE_WAIT;
	int failed = 0, count = 0;

	for (int i = 0; i < 2 && !failed; i++) {
		players[i].cue = &cue;
		failed = pthread_create(&threads[i], NULL, play, &players[i]);
		count += !failed;
	}
	atomic_store(&cue, failed ? IPC_CUE_LEAVE : IPC_CUE_PLAY);
	while (count)
		pthread_join(threads[--count], NULL);
	if (failed)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
				   "pthread_create", "duo");
	return IPC_OK;
}
