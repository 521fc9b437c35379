#include "ipc/windows/win.h"

#include <limits.h>
#include <stdlib.h>

#include "ipc/proc.h"

struct ipc_sem {
	HANDLE system;
};

enum ipc_rc ipc_sem_new(struct ipc_sem **out, struct ipc_err *err)
{
	struct ipc_sem *sem = malloc(sizeof(*sem));

	if (!sem)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "semaphore");
	sem->system = CreateSemaphoreW(NULL, 0, LONG_MAX, NULL);
	if (!sem->system) {
		free(sem);
		return ipc_fail(err, "CreateSemaphoreW", NULL);
	}
	*out = sem;
	return IPC_OK;
}

void ipc_sem_post(struct ipc_sem *sem)
{
	ReleaseSemaphore(sem->system, 1, NULL);
}

void ipc_sem_wait(struct ipc_sem *sem)
{
	WaitForSingleObject(sem->system, INFINITE);
}

void ipc_sem_free(struct ipc_sem *sem)
{
	if (sem)
		CloseHandle(sem->system);
	free(sem);
}
