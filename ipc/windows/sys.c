#include "ipc/windows/win.h"

#include <bcrypt.h>
#include <io.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/sys.h"
#include "ipc/windows/args.h"

enum { GROUP_CPUS = 64 }; /* a CPU's number is group * 64 + place in it */

static size_t cpus_of_all_groups(unsigned *list, size_t room)
{
	WORD groups = GetActiveProcessorGroupCount();
	size_t found = 0;

	for (WORD g = 0; g < groups; g++)
		for (DWORD i = 0; i < GetActiveProcessorCount(g); i++)
			if (found < room)
				list[found++] = g * GROUP_CPUS + i;
	return found;
}

/*
 * With several groups a process may run in all of them, and its own mask
 * speaks of one; a mask that was set by hand is not seen then.
 */
size_t ipc_cpus(unsigned *list, size_t room)
{
	DWORD_PTR ours, all;
	size_t found = 0;

	if (GetActiveProcessorGroupCount() > 1 ||
	    !GetProcessAffinityMask(GetCurrentProcess(), &ours, &all))
		return cpus_of_all_groups(list, room);
	for (unsigned i = 0; i < GROUP_CPUS; i++)
		if (ours >> i & 1 && found < room)
			list[found++] = i;
	return found;
}

enum ipc_rc ipc_pin(unsigned cpu, struct ipc_err *err)
{
	GROUP_AFFINITY where = { .Group = (WORD)(cpu / GROUP_CPUS),
				 .Mask = (KAFFINITY)1 << cpu % GROUP_CPUS };
	char what[32];

	snprintf(what, sizeof(what), "CPU %u", cpu);
	if (GetActiveProcessorGroupCount() > 1)
		return SetThreadGroupAffinity(GetCurrentThread(), &where, NULL)
			       ? IPC_OK
			       : ipc_fail(err, "SetThreadGroupAffinity", what);
	if (cpu >= GROUP_CPUS)
		return ipc_refuse(err, IPC_INVALID, "pin", "no such CPU");
	return SetThreadAffinityMask(GetCurrentThread(), where.Mask)
		       ? IPC_OK
		       : ipc_fail(err, "SetThreadAffinityMask", what);
}

int ipc_current_cpu(void)
{
	PROCESSOR_NUMBER at;

	GetCurrentProcessorNumberEx(&at);
	return at.Group * GROUP_CPUS + at.Number;
}

enum ipc_rc ipc_set_priority(const char *priority, struct ipc_err *err)
{
	if (strcmp(priority, "normal") == 0)
		return IPC_OK;
	if (strncmp(priority, "fifo:", 5) == 0)
		return ipc_refuse(err, IPC_UNSUPPORTED, "priority",
				  "fifo:N exists on linux; high is the most "
				  "here");
	if (strcmp(priority, "high") != 0)
		return ipc_refusef(err, IPC_INVALID, "priority",
				   "%.32s: write normal or high", priority);
	/* REALTIME would stop the mouse, and the disk caches */
	if (!SetPriorityClass(GetCurrentProcess(), HIGH_PRIORITY_CLASS))
		return ipc_fail(err, "SetPriorityClass", NULL);
	return IPC_OK;
}

void ipc_yield(void)
{
	SwitchToThread();
}

enum ipc_rc ipc_random(void *buf, size_t size, struct ipc_err *err)
{
	LONG status = BCryptGenRandom(NULL, buf, (ULONG)size,
				      BCRYPT_USE_SYSTEM_PREFERRED_RNG);

	if (!status)
		return IPC_OK;
	return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)status,
			   "BCryptGenRandom", NULL);
}

const char *ipc_wine(void)
{
	static char text[48];
	const char *(CDECL *version)(void);
	FARPROC found;
	HMODULE ntdll;

	if (text[0])
		return text;
	ntdll = GetModuleHandleW(L"ntdll.dll");
	if (!ntdll)
		return NULL;
	found = GetProcAddress(ntdll, "wine_get_version");
	if (!found)
		return NULL;
	memcpy(&version, &found, sizeof(found));
	snprintf(text, sizeof(text), "wine %s", version());
	return text;
}

static bool fit_for_a_file_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

const char *ipc_node_name(char *buf, size_t size)
{
	wchar_t name[256];
	DWORD room = sizeof(name) / sizeof(name[0]);
	size_t len = 0;

	buf[0] = '\0';
	if (GetComputerNameExW(ComputerNameDnsHostname, name, &room))
		ipc_win_narrow(name, buf, size);
	while (fit_for_a_file_name(buf[len]))
		len++;
	buf[len] = '\0';
	if (!len)
		snprintf(buf, size, "host");
	return buf;
}

unsigned ipc_terminal_width(FILE *stream)
{
	CONSOLE_SCREEN_BUFFER_INFO is;
	intptr_t handle = _get_osfhandle(_fileno(stream));

	if (!GetConsoleScreenBufferInfo((HANDLE)handle, &is))
		return 0; /* no console, or none at all */
	return (unsigned)(is.srWindow.Right - is.srWindow.Left + 1);
}

static HANDLE styled_console;
static DWORD  console_mode;

static void restore_mode(void)
{
	SetConsoleMode(styled_console, console_mode);
}

/*
 * A Windows console takes escape sequences for text unless it is told not to
 * (documented; Wine 8 takes the bit and does nothing), and what it is told
 * outlives the program.
 */
bool ipc_terminal_styles(FILE *stream)
{
	HANDLE console = (HANDLE)_get_osfhandle(_fileno(stream));
	const DWORD on = ENABLE_PROCESSED_OUTPUT |
			 ENABLE_VIRTUAL_TERMINAL_PROCESSING;
	DWORD mode;

	if (!GetConsoleMode(console, &mode))
		return false;
	if ((mode & on) == on)
		return true;
	if (!SetConsoleMode(console, mode | on))
		return false; /* before Windows 10 1511 */
	if (!styled_console)
		atexit(restore_mode);
	styled_console = console;
	console_mode = mode;
	return true;
}

static UINT console_code_page;

static void restore_console(void)
{
	SetConsoleOutputCP(console_code_page);
}

/* A console shows bytes by its code page, which outlives the program. */
static void speak_utf8(void)
{
	console_code_page = GetConsoleOutputCP();
	if (!console_code_page || console_code_page == CP_UTF8)
		return;
	if (SetConsoleOutputCP(CP_UTF8))
		atexit(restore_console);
}

/* What the C runtime made of the arguments went through a code page. */
void ipc_program_start(int *argc, char ***argv)
{
	const wchar_t *wide = GetCommandLineW();
	int room = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL,
				       NULL);
	char *text = malloc(room > 0 ? (size_t)room : 1);
	char **list = NULL;
	int count = 0;

	_setmode(_fileno(stdin), _O_BINARY);
	_setmode(_fileno(stdout), _O_BINARY);
	_setmode(_fileno(stderr), _O_BINARY);
	/* no dialogue about a crash may hold up a run */
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
	speak_utf8();
	if (text && WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, room, NULL,
					NULL))
		list = ipc_win_split_args(text, &count);
	if (!list) {
		free(text);
		return; /* what there is, is better than nothing */
	}
	*argc = count;
	*argv = list; /* theirs until the end of the process */
}
