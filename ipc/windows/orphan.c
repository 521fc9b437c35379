/*
 * A child whose runner died ends itself.  The job around the runner does the
 * same; but under Wine 8 a runner that was killed from outside just as it
 * started a child left that child behind, waiting for ever (seen: 1 of 25
 * kills).  Waiting for the parent's handle depends on nobody.
 */
#include <windows.h>
#include <winternl.h>

#include "ipc/proc.h"

static HANDLE parent;

static void wait_for_parent(void *unused)
{
	(void)unused;
	WaitForSingleObject(parent, INFINITE);
	TerminateProcess(GetCurrentProcess(), 4);
}

/* 0 if the system does not say. */
static DWORD parent_id(void)
{
	struct { /* as documented for ProcessBasicInformation */
		NTSTATUS  exit_status;
		void     *peb;
		ULONG_PTR affinity;
		ULONG_PTR priority;
		ULONG_PTR id;
		ULONG_PTR parent;
	} facts;

	if (NtQueryInformationProcess(GetCurrentProcess(),
				      ProcessBasicInformation, &facts,
				      sizeof(facts), NULL))
		return 0;
	return (DWORD)facts.parent;
}

void ipc_die_with_parent(void)
{
	DWORD id = parent_id();

	parent = id ? OpenProcess(SYNCHRONIZE, FALSE, id) : NULL;
	if (!parent)
		return; /* gone, or not told: the job is all there is */
	ipc_thread_start(wait_for_parent, NULL, NULL);
}
