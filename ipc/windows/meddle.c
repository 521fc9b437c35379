#include "ipc/meddle.h"

#include "ipc/windows/win.h"

#include <stdio.h>

/* Exported by ntdll and in no header; as others report, and seen under Wine. */
NTSYSAPI LONG NTAPI NtSuspendProcess(HANDLE process);
NTSYSAPI LONG NTAPI NtResumeProcess(HANDLE process);

#define SHOT_CODE 0xC0000120u /* STATUS_CANCELLED, as in proc.c */

static HANDLE open_child(const struct ipc_proc *proc, struct ipc_err *err)
{
	const DWORD access = PROCESS_SUSPEND_RESUME | PROCESS_TERMINATE |
			     PROCESS_QUERY_INFORMATION;
	HANDLE process = NULL;

	if (!proc->id || proc->reaped)
		ipc_refuse(err, IPC_GONE, "process", "no child");
	else
		process = OpenProcess(access, FALSE, (DWORD)proc->id);
	if (!process && proc->id && !proc->reaped)
		ipc_fail(err, "OpenProcess", NULL);
	return process;
}

static enum ipc_rc result(LONG status, const char *op, struct ipc_err *err)
{
	return status < 0 ? ipc_refuse(err, IPC_OS, op, "refused") : IPC_OK;
}

enum ipc_rc ipc_proc_pause(const struct ipc_proc *proc, struct ipc_err *err)
{
	HANDLE process = open_child(proc, err);
	LONG status;

	if (!process)
		return IPC_GONE;
	status = NtSuspendProcess(process);
	CloseHandle(process);
	return result(status, "NtSuspendProcess", err);
}

enum ipc_rc ipc_proc_go_on(const struct ipc_proc *proc, struct ipc_err *err)
{
	HANDLE process = open_child(proc, err);
	LONG status;

	if (!process)
		return IPC_GONE;
	status = NtResumeProcess(process);
	CloseHandle(process);
	return result(status, "NtResumeProcess", err);
}

void ipc_proc_shoot(const struct ipc_proc *proc)
{
	HANDLE process = open_child(proc, NULL);

	if (!process)
		return;
	TerminateProcess(process, SHOT_CODE);
	CloseHandle(process);
}

enum ipc_rc ipc_proc_read(const struct ipc_proc *proc, uint64_t address,
			  void *buf, size_t bytes, struct ipc_err *err)
{
	HANDLE process = NULL;
	SIZE_T got = 0;
	enum ipc_rc rc = IPC_OK;

	if (!proc->id || proc->reaped)
		return ipc_refuse(err, IPC_GONE, "ReadProcessMemory",
				  "no child");
	process = OpenProcess(PROCESS_VM_READ, FALSE, (DWORD)proc->id);
	if (!process)
		return ipc_fail(err, "OpenProcess", NULL);
	if (!ReadProcessMemory(process, (const void *)(uintptr_t)address, buf,
			       bytes, &got) || got != bytes)
		rc = ipc_fail(err, "ReadProcessMemory", NULL);
	CloseHandle(process);
	return rc;
}

enum ipc_rc ipc_proc_poke(const struct ipc_proc *proc, struct ipc_err *err)
{
	(void)proc;
	return ipc_refuse(err, IPC_UNSUPPORTED, "interrupt",
			  "Windows has no signals that interrupt a call");
}

void ipc_poke_catch(void)
{
}

uint64_t ipc_poke_count(void)
{
	return 0;
}

uint64_t ipc_handle_count(void)
{
	DWORD count;

	/* Wine 8 says 0, whatever is open. */
	if (!GetProcessHandleCount(GetCurrentProcess(), &count) || !count)
		return IPC_UNKNOWN;
	return count;
}

enum ipc_rc ipc_limit_handles(uint64_t most, struct ipc_err *err)
{
	(void)most;
	return ipc_refuse(err, IPC_UNSUPPORTED, "limit",
			  "Windows has no limit of handles a process");
}

/* A job can limit it; Wine keeps no such limit, so nothing here is built on. */
enum ipc_rc ipc_limit_memory(uint64_t more, struct ipc_err *err)
{
	(void)more;
	return ipc_refuse(err, IPC_UNSUPPORTED, "limit",
			  "a Windows process cannot limit its own memory");
}

enum ipc_rc ipc_limit_file(uint64_t most, struct ipc_err *err)
{
	(void)most;
	return ipc_refuse(err, IPC_UNSUPPORTED, "limit",
			  "a Windows process cannot limit the size of a file");
}

enum ipc_rc ipc_link_resize(const struct ipc_link *link, size_t bytes,
			    struct ipc_err *err)
{
	(void)link;
	(void)bytes;
	return ipc_refuse(err, IPC_UNSUPPORTED, "resize",
			  "the quota of a pipe is set when it is made");
}

static void tell_times(HANDLE process, ipc_line_fn *tell, void *user)
{
	FILETIME made, ended, kernel, own;
	char text[160];

	if (!GetProcessTimes(process, &made, &ended, &kernel, &own))
		return;
	snprintf(text, sizeof(text), "CPU time: user %llu ms, system %llu ms",
		 (((unsigned long long)own.dwHighDateTime << 32) +
		  own.dwLowDateTime) / 10000,
		 (((unsigned long long)kernel.dwHighDateTime << 32) +
		  kernel.dwLowDateTime) / 10000);
	tell(user, text);
}

void ipc_proc_diagnose(const struct ipc_proc *proc, ipc_line_fn *tell,
		       void *user)
{
	HANDLE process = open_child(proc, NULL);
	DWORD code = 0, handles = 0;
	char text[160];

	if (!process) {
		tell(user, "has ended");
		return;
	}
	GetExitCodeProcess(process, &code);
	GetProcessHandleCount(process, &handles);
	snprintf(text, sizeof(text), "state: %s, %lu handles",
		 code == STILL_ACTIVE ? "running" : "ended", handles);
	tell(user, text);
	tell_times(process, tell, user);
	CloseHandle(process);
}
