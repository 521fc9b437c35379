/* Ctrl-C, which arrives on a thread of its own, and threads. */
#include "ipc/windows/win.h"

#include <stdlib.h>

#include "ipc/proc.h"

static volatile LONG interrupts;
static HANDLE wake; /* manual reset */

enum { LAST_WORDS_MS = 10000, INTERRUPTED_STATUS = 130 };

/*
 * The second one ends the process, and its job the children.  After a closed
 * console or a log-off it ends when this returns, or in 5 s anyhow: that is
 * the time to write what was measured.
 */
static BOOL WINAPI on_event(DWORD event)
{
	bool again = InterlockedIncrement(&interrupts) > 1;

	if (again)
		ExitProcess(INTERRUPTED_STATUS);
	if (wake)
		SetEvent(wake);
	if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
		Sleep(LAST_WORDS_MS);
	return TRUE;
}

static BOOL WINAPI on_event_ignore(DWORD event)
{
	return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

void ipc_interrupt_catch(void)
{
	if (!wake)
		wake = CreateEventW(NULL, TRUE, FALSE, NULL);
	/* whoever started us may have switched Ctrl-C off; that is inherited */
	SetConsoleCtrlHandler(NULL, FALSE);
	SetConsoleCtrlHandler(on_event, TRUE);
}

bool ipc_interrupted(void)
{
	return interrupts > 0;
}

void ipc_interrupt_ignore(void)
{
	SetConsoleCtrlHandler(on_event_ignore, TRUE);
}

HANDLE ipc_win_interrupt_event(void)
{
	return wake;
}

void ipc_win_interrupt_seen(void)
{
	if (wake)
		ResetEvent(wake);
}

struct thread {
	void (*body)(void *);
	void  *arg;
};

static DWORD WINAPI thread_main(void *arg)
{
	struct thread thread = *(struct thread *)arg;

	free(arg);
	thread.body(thread.arg);
	return 0;
}

enum ipc_rc ipc_thread_start(void (*body)(void *), void *arg,
			     struct ipc_err *err)
{
	struct thread *thread = malloc(sizeof(*thread));
	HANDLE handle;

	if (!thread)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "thread");
	thread->body = body;
	thread->arg = arg;
	handle = CreateThread(NULL, 0, thread_main, thread, 0, NULL);
	if (!handle) {
		free(thread);
		return ipc_fail(err, "CreateThread", NULL);
	}
	CloseHandle(handle);
	return IPC_OK;
}
