/*
 * Children: a list of handles, a job each, a job around all of us.
 *
 * The job around us is closed by the system when this process ends, however it
 * ends, and takes every child along, even one that was being made.  The job of
 * a child is what a kill is aimed at, since a prefix has children of its own.
 */
#include "ipc/windows/win.h"

#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/proc.h"
#include "ipc/windows/args.h"

/*
 * The exit code of who was killed.  No program ends itself with a code of
 * this range: they are NTSTATUS errors, which is how a crash looks.
 */
#define KILLED_CODE   0xC0000120u /* STATUS_CANCELLED */
#define IS_CRASH(code) ((code) >= 0xC0000000u)

enum { COMMAND_MAX = 32767, KILL_WAIT_MS = 10000 };

/* ipc_proc.handle */
struct child {
	HANDLE process, job;
};

/* The handles that go to the child, and what they were before. */
struct handles {
	HANDLE list[64];
	DWORD  flags[64];
	size_t count;
	HANDLE std[3], nothing;
};

static HANDLE make_job(struct ipc_err *err)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
		.BasicLimitInformation.LimitFlags =
			JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
	};
	HANDLE job = CreateJobObjectW(NULL, NULL);

	if (!job) {
		ipc_fail(err, "CreateJobObjectW", NULL);
		return NULL;
	}
	if (SetInformationJobObject(job, JobObjectExtendedLimitInformation,
				    &limits, sizeof(limits)))
		return job;
	ipc_fail(err, "SetInformationJobObject", NULL);
	CloseHandle(job);
	return NULL;
}

/* Once; the handle is never closed but by the system. */
static void join_own_job(void)
{
	static HANDLE own;

	if (own)
		return;
	own = make_job(NULL);
	/* a job that allows no nested ones (before Windows 8) refuses */
	if (own && !AssignProcessToJobObject(own, GetCurrentProcess())) {
		CloseHandle(own);
		own = NULL;
	}
}

/* Only what is marked as inheritable may stand in the list, and only once. */
static enum ipc_rc hand_over(struct handles *h, HANDLE handle,
			     struct ipc_err *err)
{
	const size_t room = sizeof(h->list) / sizeof(h->list[0]);

	for (size_t i = 0; i < h->count; i++)
		if (h->list[i] == handle)
			return IPC_OK;
	if (h->count == room)
		return ipc_refuse(err, IPC_INVALID, "spawn",
				  "too many handles for one child");
	if (!GetHandleInformation(handle, &h->flags[h->count]) ||
	    !SetHandleInformation(handle, HANDLE_FLAG_INHERIT,
				  HANDLE_FLAG_INHERIT))
		return ipc_fail(err, "SetHandleInformation",
				"handle for a child");
	h->list[h->count++] = handle;
	return IPC_OK;
}

static enum ipc_rc open_nothing(struct handles *h, struct ipc_err *err)
{
	if (h->nothing != INVALID_HANDLE_VALUE)
		return IPC_OK;
	h->nothing = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
				 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
				 OPEN_EXISTING, 0, NULL);
	return h->nothing == INVALID_HANDLE_VALUE
		       ? ipc_fail(err, "CreateFileW", "NUL") : IPC_OK;
}

static enum ipc_rc choose_std(struct handles *h, int which, ipc_handle wanted,
			      struct ipc_err *err)
{
	enum ipc_rc rc;

	if (wanted == IPC_NO_HANDLE && which == 2)
		wanted = ipc_std_handle(2); /* shared, if we have one */
	if (wanted == IPC_NO_HANDLE) {
		rc = open_nothing(h, err);
		if (rc)
			return rc;
		wanted = ipc_win_from(h->nothing);
	}
	h->std[which] = ipc_win_handle(wanted);
	return hand_over(h, h->std[which], err);
}

static enum ipc_rc gather_handles(struct handles *h,
				  const struct ipc_spawn *how,
				  struct ipc_err *err)
{
	enum ipc_rc rc = choose_std(h, 0, how->std_in, err);

	if (!rc)
		rc = choose_std(h, 1, how->std_out, err);
	if (!rc)
		rc = choose_std(h, 2, how->std_err, err);
	for (size_t i = 0; i < how->inherit_count && !rc; i++)
		rc = hand_over(h, ipc_win_handle(how->inherit[i]), err);
	return rc;
}

static void take_back(struct handles *h)
{
	while (h->count--)
		SetHandleInformation(h->list[h->count], HANDLE_FLAG_INHERIT,
				     h->flags[h->count] & HANDLE_FLAG_INHERIT);
	if (h->nothing != INVALID_HANDLE_VALUE)
		CloseHandle(h->nothing);
}

/* path, with ".exe" if that is what there is. */
static enum ipc_rc find_program(const char *path, wchar_t *wide,
				struct ipc_err *err)
{
	enum ipc_rc rc = ipc_win_wide(path, wide, IPC_WIN_PATH_MAX - 4, err);
	size_t len = rc ? 0 : wcslen(wide);

	if (!rc && GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES) {
		wcscpy(wide + len, L".exe");
		if (GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES)
			wide[len] = L'\0';
	}
	return rc;
}

/* The one string; the caller frees it. */
static wchar_t *command_line(const struct ipc_spawn *how, const char *path,
			     struct ipc_err *err)
{
	bool prefixed = how->prefix && how->prefix[0];
	const char *const program[] = { prefixed ? path : how->argv[0], NULL };
	const char *const *lists[] = { how->prefix, program, how->argv + 1 };
	char *text = ipc_win_join_args(lists, 3);
	wchar_t *wide = malloc(COMMAND_MAX * sizeof(*wide));

	if (!text || !wide)
		ipc_refuse(err, IPC_NOMEM, "malloc", "command line");
	else if (!ipc_win_wide(text, wide, COMMAND_MAX, err)) {
		free(text);
		return wide;
	}
	free(text);
	free(wide);
	return NULL;
}

/*
 * Under Wine 8 on a busy machine a process now and then ends before it has
 * begun, which is 1359: once in some ten thousand.  It is asked for again.
 */
static bool create_process(const wchar_t *program, wchar_t *command,
			   STARTUPINFOEXW *start, PROCESS_INFORMATION *made)
{
	const DWORD flags = CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;

	for (int tries = 3; tries--;) {
		if (CreateProcessW(program, command, NULL, NULL, TRUE, flags,
				   NULL, NULL, &start->StartupInfo, made))
			return true;
		if (GetLastError() != ERROR_INTERNAL_ERROR)
			break;
	}
	return false;
}

static enum ipc_rc create(const wchar_t *program, wchar_t *command,
			  struct handles *h, PROCESS_INFORMATION *made,
			  const char *what, struct ipc_err *err)
{
	STARTUPINFOEXW start = { .StartupInfo = {
		.cb = sizeof(start),
		.dwFlags = STARTF_USESTDHANDLES,
		.hStdInput = h->std[0],
		.hStdOutput = h->std[1],
		.hStdError = h->std[2],
	} };
	SIZE_T size = 0;
	enum ipc_rc rc = IPC_OK;

	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	start.lpAttributeList = malloc(size);
	if (!start.lpAttributeList)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "attribute list");
	if (!InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0,
					       &size)) {
		free(start.lpAttributeList);
		return ipc_fail(err, "InitializeProcThreadAttributeList", what);
	}
	if (!UpdateProcThreadAttribute(start.lpAttributeList, 0,
				       PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
				       h->list, h->count * sizeof(h->list[0]),
				       NULL, NULL))
		rc = ipc_fail(err, "UpdateProcThreadAttribute", what);
	/* suspended: nothing of it may run before it is in its job */
	else if (!create_process(program, command, &start, made))
		rc = ipc_fail(err, "CreateProcessW", what);
	DeleteProcThreadAttributeList(start.lpAttributeList);
	free(start.lpAttributeList);
	return rc;
}

static enum ipc_rc run_in_job(const PROCESS_INFORMATION *made, HANDLE job,
			      struct ipc_err *err)
{
	if (!AssignProcessToJobObject(job, made->hProcess))
		return ipc_fail(err, "AssignProcessToJobObject", NULL);
	if (ResumeThread(made->hThread) == (DWORD)-1)
		return ipc_fail(err, "ResumeThread", NULL);
	return IPC_OK;
}

static enum ipc_rc start(const struct ipc_spawn *how, struct handles *h,
			 struct child *child, DWORD *id, struct ipc_err *err)
{
	wchar_t program[IPC_WIN_PATH_MAX];
	char path[IPC_WIN_PATH_MAX];
	bool prefixed = how->prefix && how->prefix[0];
	PROCESS_INFORMATION made;
	wchar_t *command;
	enum ipc_rc rc = find_program(how->path, program, err);

	if (rc)
		return rc;
	command = command_line(how, ipc_win_narrow(program, path, sizeof(path)),
			       err);
	if (!command)
		return err ? err->rc : IPC_INVALID;
	rc = create(prefixed ? NULL : program, command, h, &made,
		    prefixed ? how->prefix[0] : how->path, err);
	free(command);
	if (rc)
		return rc;
	rc = run_in_job(&made, child->job, err);
	if (rc)
		TerminateProcess(made.hProcess, KILLED_CODE);
	CloseHandle(made.hThread);
	if (rc)
		CloseHandle(made.hProcess);
	child->process = made.hProcess;
	*id = made.dwProcessId;
	return rc;
}

enum ipc_rc ipc_spawn(const struct ipc_spawn *how, struct ipc_proc *proc,
		      struct ipc_err *err)
{
	struct handles h = { .nothing = INVALID_HANDLE_VALUE };
	struct child *child = calloc(1, sizeof(*child));
	enum ipc_rc rc;
	DWORD id = 0;

	*proc = (struct ipc_proc){ .reaped = true };
	if (!child)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "child");
	join_own_job();
	child->job = make_job(err);
	rc = child->job ? gather_handles(&h, how, err)
			: ipc_refuse(NULL, IPC_OS, "job", NULL);
	if (!rc)
		rc = start(how, &h, child, &id, err);
	take_back(&h);
	if (rc) {
		if (child->job)
			CloseHandle(child->job);
		free(child);
		return rc;
	}
	*proc = (struct ipc_proc){ .id = id, .handle = (intptr_t)child };
	return IPC_OK;
}

static struct child *child_of(const struct ipc_proc *proc)
{
	return proc->reaped || !proc->id ? NULL : (struct child *)proc->handle;
}

/* Closing the job ends what a prefix may have left behind. */
static void reap(struct ipc_proc *proc)
{
	struct child *child = child_of(proc);

	CloseHandle(child->process);
	CloseHandle(child->job);
	free(child);
	proc->handle = 0;
	proc->reaped = true;
}

enum ipc_rc ipc_proc_wait(struct ipc_proc *proc, uint64_t timeout_ns,
			  struct ipc_exit *how, struct ipc_err *err)
{
	struct child *child = child_of(proc);
	DWORD code = 0;

	if (!child)
		return ipc_refuse(err, IPC_INVALID, "WaitForSingleObject",
				  "no child");
	switch (WaitForSingleObject(child->process, ipc_win_ms(timeout_ns))) {
	case WAIT_OBJECT_0:
		break;
	case WAIT_TIMEOUT:
		return ipc_refuse(err, IPC_TIMEOUT, "WaitForSingleObject",
				  "still runs");
	default:
		return ipc_fail(err, "WaitForSingleObject", NULL);
	}
	if (!GetExitCodeProcess(child->process, &code))
		return ipc_fail(err, "GetExitCodeProcess", NULL);
	how->killed = IS_CRASH(code);
	how->code = (int)code;
	reap(proc);
	return IPC_OK;
}

void ipc_proc_kill(struct ipc_proc *proc)
{
	struct child *child = child_of(proc);

	if (!child)
		return;
	TerminateJobObject(child->job, KILLED_CODE);
	TerminateProcess(child->process, KILLED_CODE); /* fails if it is gone */
	WaitForSingleObject(child->process, KILL_WAIT_MS);
	reap(proc);
}

uint64_t ipc_process_id(void)
{
	return GetCurrentProcessId();
}

static uint64_t filetime_ns(FILETIME t)
{
	return ((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) * 100;
}

/*
 * CPU time comes in steps of the system's tick (15.6 ms; 10 ms under Wine).
 * Context switches of a process are not told to it.
 */
void ipc_usage_now(struct ipc_usage *usage)
{
	PROCESS_MEMORY_COUNTERS memory = { .cb = sizeof(memory) };
	FILETIME created, ended, kernel, user;

	*usage = (struct ipc_usage){ .vol_switches = IPC_UNKNOWN,
				     .invol_switches = IPC_UNKNOWN,
				     .faults = IPC_UNKNOWN,
				     .resident_max_bytes = IPC_UNKNOWN };
	if (GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel,
			    &user)) {
		usage->cpu_user_ns = filetime_ns(user);
		usage->cpu_sys_ns = filetime_ns(kernel);
	}
	if (K32GetProcessMemoryInfo(GetCurrentProcess(), &memory,
				    sizeof(memory))) {
		usage->faults = memory.PageFaultCount;
		usage->resident_max_bytes = memory.PeakWorkingSetSize;
	}
}
