/* Names, instances, waiting for one, and who may open it. */
#include "ipc/windows/ask.h"

#include <string.h>

#include "ipc/sys.h"

/* Another server behind the path of p. */
static void ask_another(struct ipc_answer *a, const struct ask_pipe *p,
			DWORD open, DWORD type, DWORD instances, DWORD ms)
{
	HANDLE other = CreateNamedPipeW(p->path, open, type, instances, 4096,
					4096, ms, NULL);

	ipc_saw_code(a, ask_code(other != INVALID_HANDLE_VALUE));
	if (other != INVALID_HANDLE_VALUE)
		CloseHandle(other);
}

static bool serve(struct ipc_answer *a, const struct ask_spec *s,
		  struct ask_pipe *p)
{
	DWORD code = ask_server(s, p);

	if (code)
		ipc_not_asked(a, "no pipe to ask: win32 %lu", code);
	return !code;
}

static void beside(struct ipc_answer *a, DWORD instances, DWORD open,
		   DWORD type, DWORD others, DWORD ms)
{
	const struct ask_spec spec = { .instances = instances };
	struct ask_pipe p;

	if (!serve(a, &spec, &p))
		return;
	ask_another(a, &p, open, type, others, ms);
	ask_done(&p);
}

void ask_first_instance(struct ipc_answer *a)
{
	beside(a, 4, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE,
	       PIPE_TYPE_BYTE, 4, 0);
}

void ask_first_when_full(struct ipc_answer *a)
{
	beside(a, 1, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE,
	       PIPE_TYPE_BYTE, 1, 0);
}

void ask_one_too_many(struct ipc_answer *a)
{
	beside(a, 1, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 0);
}

/* Its server has closed, its client has not: is it still one of them? */
void ask_leaving_counts(struct ipc_answer *a)
{
	struct ask_pipe p;

	if (!ask_both(a, &(struct ask_spec){ .instances = 1 }, &p))
		return;
	ask_close(&p.server);
	ask_another(a, &p, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 0);
	ask_done(&p);
}

void ask_other_direction(struct ipc_answer *a)
{
	beside(a, 4, PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 4, 0);
}

void ask_other_type(struct ipc_answer *a)
{
	beside(a, 4, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 5, 777);
}

void ask_write_owner(struct ipc_answer *a)
{
	beside(a, 4, PIPE_ACCESS_DUPLEX | WRITE_OWNER, PIPE_TYPE_BYTE, 4, 0);
}

/* A pipe of its own name, made as few pipes are. */
static void create(struct ipc_answer *a, DWORD rights, DWORD type,
		   DWORD instances)
{
	struct ask_pipe p;

	ask_new_name(&p);
	ask_another(a, &p, PIPE_ACCESS_DUPLEX | rights, type, instances, 0);
}

void ask_no_instances(struct ipc_answer *a)
{
	create(a, 0, PIPE_TYPE_BYTE, 0);
}

void ask_256_instances(struct ipc_answer *a)
{
	create(a, 0, PIPE_TYPE_BYTE, 256);
}

void ask_unknown_mode(struct ipc_answer *a)
{
	create(a, 0, 0x40, 1);
}

void ask_byte_messages(struct ipc_answer *a)
{
	create(a, 0, PIPE_TYPE_BYTE | PIPE_READMODE_MESSAGE, 1);
}

void ask_write_dac(struct ipc_answer *a)
{
	create(a, WRITE_DAC, PIPE_TYPE_BYTE, 1);
}

void ask_system_security(struct ipc_answer *a)
{
	create(a, ACCESS_SYSTEM_SECURITY, PIPE_TYPE_BYTE, 1);
}

void ask_wait_for_nothing(struct ipc_answer *a)
{
	ipc_saw_code(a, ask_code(WaitNamedPipeW(
		L"\\\\.\\pipe\\pipemark-self-nobody", 5000)));
}

/* The shortest of several: a busy machine wakes nobody early. */
void ask_default_wait(struct ipc_answer *a)
{
	enum { TRIES = 5, AT_ONCE_MS = 30, LONG_MS = 200 };
	struct ask_pipe p;
	ULONGLONG least = ~0ull;

	if (!ask_both(a, &(struct ask_spec){ .instances = 1 }, &p))
		return;
	for (int i = 0; i < TRIES; i++) {
		ULONGLONG start = GetTickCount64(), took;

		WaitNamedPipeW(p.path, NMPWAIT_USE_DEFAULT_WAIT);
		took = GetTickCount64() - start;
		least = took < least ? took : least;
	}
	ask_done(&p);
	ipc_saw(a, "%s (%llu ms)", least < AT_ONCE_MS ? "at once"
				   : least < LONG_MS ? "about 50 ms"
						     : "longer", least);
}

static struct ask_pipe waited_for;

static DWORD wait_for_it(HANDLE unused)
{
	(void)unused;
	return ask_code(WaitNamedPipeW(waited_for.path, 1500));
}

void ask_wait_server_gone(struct ipc_answer *a)
{
	static struct ask_call wait;

	if (!ask_both(a, &(struct ask_spec){ .instances = 1 }, &waited_for))
		return;
	if (ask_start(a, &wait, wait_for_it, NULL)) {
		ask_ended(&wait, 300); /* by now it waits */
		ask_close(&waited_for.server); /* its client stays */
		if (!ask_ended(&wait, 10000))
			ipc_saw(a, "waits for ever");
		else if (wait.code == ERROR_SEM_TIMEOUT)
			ipc_saw(a, "waits to its end");
		else
			ipc_saw(a, "fails at once (win32 %lu)", wait.code);
		ask_forget(&wait);
	}
	ask_done(&waited_for);
}

void ask_attributes_consume(struct ipc_answer *a)
{
	const struct ask_spec spec = { .instances = 1 };
	struct ask_pipe p;

	if (!serve(a, &spec, &p))
		return;
	GetFileAttributesW(p.path);
	ipc_saw_code(a, ask_client(&spec, &p));
	ask_done(&p);
}

void ask_list_pipes(struct ipc_answer *a)
{
	const wchar_t *name;
	WIN32_FIND_DATAW found;
	struct ask_pipe p;
	HANDLE list;
	bool seen = false;

	if (!serve(a, &(struct ask_spec){ .instances = 1 }, &p))
		return;
	name = p.path + wcslen(L"\\\\.\\pipe\\");
	list = FindFirstFileW(L"\\\\.\\pipe\\*", &found);
	if (list == INVALID_HANDLE_VALUE) {
		ipc_saw(a, "no list (win32 %lu)", GetLastError());
		ask_done(&p);
		return;
	}
	do
		seen |= !wcscmp(found.cFileName, name);
	while (FindNextFileW(list, &found));
	FindClose(list);
	ask_done(&p);
	ipc_saw(a, seen ? "yes" : "no");
}

void ask_denied(struct ipc_answer *a)
{
	const struct ask_spec spec = { .sddl = L"D:P(D;;GA;;;WD)" };
	struct ask_pipe p;

	if (!serve(a, &spec, &p))
		return;
	ipc_saw_code(a, ask_client(&spec, &p));
	ask_done(&p);
}

/* By the loopback of the file server; without that it is refused as well. */
void ask_localhost(struct ipc_answer *a)
{
	const struct ask_spec spec = { .instances = 1 };
	struct ask_pipe p, far_one;
	DWORD code;

	if (!serve(a, &spec, &p))
		return;
	far_one = (struct ask_pipe){ .server = NULL };
	wcscpy(far_one.path, L"\\\\localhost");
	wcscat(far_one.path, p.path + wcslen(L"\\\\."));
	code = ask_client(&spec, &far_one);
	if (code)
		ipc_saw(a, "refused (win32 %lu)", code);
	else
		ipc_saw(a, "let in");
	ask_done(&far_one);
	ask_done(&p);
}

/* This program once more, suspended, and ended before it does anything. */
static DWORD start_with_list(HANDLE *handle)
{
	STARTUPINFOEXW start = { .StartupInfo.cb = sizeof(start) };
	wchar_t path[IPC_WIN_PATH_MAX];
	_Alignas(16) char room[256];
	PROCESS_INFORMATION made;
	SIZE_T size = sizeof(room);
	DWORD code;

	start.lpAttributeList = (void *)room;
	if (!GetModuleFileNameW(NULL, path, IPC_WIN_PATH_MAX) ||
	    !InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0,
					       &size) ||
	    !UpdateProcThreadAttribute(start.lpAttributeList, 0,
				       PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
				       handle, sizeof(*handle), NULL, NULL))
		return GetLastError();
	code = ask_code(CreateProcessW(path, NULL, NULL, NULL, TRUE,
				       CREATE_SUSPENDED |
					       EXTENDED_STARTUPINFO_PRESENT,
				       NULL, NULL, &start.StartupInfo, &made));
	DeleteProcThreadAttributeList(start.lpAttributeList);
	if (code)
		return code;
	TerminateProcess(made.hProcess, 0);
	WaitForSingleObject(made.hProcess, 5000);
	CloseHandle(made.hThread);
	CloseHandle(made.hProcess);
	return 0;
}

void ask_inherit_list(struct ipc_answer *a)
{
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

	ipc_saw_code(a, start_with_list(&event));
	ask_close(&event);
}
