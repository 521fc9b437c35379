#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

#include "ipc/proc.h"

struct ipc_sem {
	sem_t system;
};

enum ipc_rc ipc_sem_new(struct ipc_sem **out, struct ipc_err *err)
{
	struct ipc_sem *sem = malloc(sizeof(*sem));

	if (!sem)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "semaphore");
	sem_init(&sem->system, 0, 0);
	*out = sem;
	return IPC_OK;
}

void ipc_sem_post(struct ipc_sem *sem)
{
	sem_post(&sem->system);
}

void ipc_sem_wait(struct ipc_sem *sem)
{
	while (sem_wait(&sem->system) < 0 && errno == EINTR)
		;
}

void ipc_sem_free(struct ipc_sem *sem)
{
	if (sem)
		sem_destroy(&sem->system);
	free(sem);
}
