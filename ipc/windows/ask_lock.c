/* Whether one thread's call waits for another's; clocks; other systems. */
#include "ipc/windows/ask.h"

#include <stdint.h>


enum { IN_READ_MS = 100, WAITS_MS = 2000 };

static DWORD read_byte(HANDLE handle)
{
	char byte;

	return ask_read(handle, &byte, 1, NULL);
}

static DWORD write_byte(HANDLE handle)
{
	return ask_write(handle, "w", 1);
}

static DWORD peek(HANDLE handle)
{
	DWORD waiting;

	return ask_code(PeekNamedPipe(handle, NULL, 0, NULL, &waiting, NULL));
}

static DWORD close_it(HANDLE handle)
{
	return ask_code(CloseHandle(handle));
}

/*
 * The client's thread waits in a read; does a second call wait behind it?  A
 * byte from the server frees both.  A thread that cannot be freed keeps its
 * static story, and ends with the process.
 */
static void behind(struct ipc_answer *a, struct ask_pipe *p, HANDLE second,
		   DWORD (*call)(HANDLE))
{
	static struct ask_call reads[8], others[8];
	static unsigned next;
	struct ask_call *read = &reads[next % 8], *other = &others[next % 8];

	next++;
	if (!ask_start(a, read, read_byte, p->client))
		return;
	Sleep(IN_READ_MS); /* it runs; nothing tells that it waits */
	if (ask_start(a, other, call, second))
		ipc_saw(a, ask_ended(other, WAITS_MS) ? "returns" : "waits");
	write_byte(p->server);
	if (call == close_it)
		p->client = NULL;
	ask_ended(read, WAITS_MS);
	ask_close(&p->server);
	if (ask_cancel(read) && ask_cancel(other)) {
		ask_forget(read);
		ask_forget(other);
	}
}

static void behind_itself(struct ipc_answer *a, DWORD (*call)(HANDLE))
{
	const struct ask_spec spec = { .type = PIPE_TYPE_BYTE };
	struct ask_pipe p;

	if (!ask_both(a, &spec, &p))
		return;
	behind(a, &p, p.client, call);
	ask_done(&p);
}

void ask_write_behind(struct ipc_answer *a)
{
	behind_itself(a, write_byte);
}

void ask_peek_behind(struct ipc_answer *a)
{
	behind_itself(a, peek);
}

void ask_close_behind(struct ipc_answer *a)
{
	behind_itself(a, close_it);
}

void ask_duplicate_behind(struct ipc_answer *a)
{
	const struct ask_spec spec = { .type = PIPE_TYPE_BYTE };
	HANDLE self = GetCurrentProcess(), copy;
	struct ask_pipe p;

	if (!ask_both(a, &spec, &p))
		return;
	if (DuplicateHandle(self, p.client, self, &copy, 0, FALSE,
			    DUPLICATE_SAME_ACCESS)) {
		behind(a, &p, copy, write_byte);
		CloseHandle(copy);
	} else {
		ipc_not_asked(a, "no duplicate: win32 %lu", GetLastError());
	}
	ask_done(&p);
}

void ask_counter(struct ipc_answer *a)
{
	enum { CALLS = 10000 };
	LARGE_INTEGER rate, start, now;

	QueryPerformanceFrequency(&rate);
	QueryPerformanceCounter(&start);
	for (int i = 0; i < CALLS; i++)
		QueryPerformanceCounter(&now);
	ipc_saw(a, "%lld a second, %.0f ns a call", (long long)rate.QuadPart,
		(double)(now.QuadPart - start.QuadPart) * 1e9 /
			(double)rate.QuadPart / CALLS);
}

void ask_sleep(struct ipc_answer *a)
{
	enum { SLEEPS = 10 };
	LARGE_INTEGER rate, start, now;

	QueryPerformanceFrequency(&rate);
	QueryPerformanceCounter(&start);
	for (int i = 0; i < SLEEPS; i++)
		Sleep(1);
	QueryPerformanceCounter(&now);
	ipc_saw(a, "%.2f ms", (double)(now.QuadPart - start.QuadPart) * 1e3 /
				      (double)rate.QuadPart / SLEEPS);
}

void ask_cycles(struct ipc_answer *a)
{
	ULONG64 cycles;

	ipc_saw_code(a, ask_code(QueryProcessCycleTime(GetCurrentProcess(),
						       &cycles)));
}

/* Without linking Winsock, which nothing else here needs. */
void ask_unix(struct ipc_answer *a)
{
	enum { VERSION = 0x202, FAMILY = 1, STREAM = 1 };
	HMODULE dll = LoadLibraryW(L"ws2_32.dll");
	union {
		FARPROC found;
		int     (WINAPI *startup)(WORD, void *);
		UINT_PTR (WINAPI *socket)(int, int, int);
		int     (WINAPI *last)(void);
		int     (WINAPI *close)(UINT_PTR);
	} f;
	_Alignas(16) char room[1024]; /* WSADATA */
	UINT_PTR made;

	f.found = dll ? GetProcAddress(dll, "WSAStartup") : NULL;
	if (!f.found || f.startup(VERSION, room)) {
		ipc_not_asked(a, "no Winsock");
		return;
	}
	f.found = GetProcAddress(dll, "socket");
	made = f.socket(FAMILY, STREAM, 0);
	if (made == ~(UINT_PTR)0) {
		f.found = GetProcAddress(dll, "WSAGetLastError");
		ipc_saw_code(a, (unsigned)f.last());
		return;
	}
	f.found = GetProcAddress(dll, "closesocket");
	f.close(made);
	ipc_saw_code(a, 0);
}
