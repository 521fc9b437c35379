/*
 * What Windows tells about the machine to somebody without special rights.
 * Wine 8 answers a good part of it; what was seen only there is marked by the
 * fact `wine` standing beside it.
 */
#include "ipc/windows/win.h"

#include <inttypes.h>
#include <powrprof.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

#include "ipc/hypervisor.h"
#include "ipc/mem.h"
#include "ipc/sys.h"

#ifdef _UCRT
#define RUNTIME "ucrt"
#else
#define RUNTIME "msvcrt"
#endif

struct teller {
	ipc_fact_fn *tell;
	void        *user;
};

static void say(const struct teller *t, const char *key, const char *source,
		const char *format, ...)
	__attribute__((format(__printf__, 4, 5)));

static void say(const struct teller *t, const char *key, const char *source,
		const char *format, ...)
{
	char value[256];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	t->tell(t->user, key, value, NULL, source);
}

static void say_not(const struct teller *t, const char *key, const char *source,
		    const char *why)
{
	t->tell(t->user, key, NULL, why, source);
}

static void say_yes_no(const struct teller *t, const char *key,
		       const char *source, bool yes)
{
	say(t, key, source, "%s", yes ? "yes" : "no");
}

/* The word for why a call with a Win32 status told nothing. */
static const char *why(DWORD code)
{
	switch (ipc_os_class(IPC_WAY_OTHER, code)) {
	case IPC_NOT_FOUND:
		return "absent";
	case IPC_DENIED:
		return "denied";
	case IPC_UNSUPPORTED:
		return "unsupported";
	default:
		return "error";
	}
}

#define CPU_KEY L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0"
#define CPU_SOURCE "HKLM/HARDWARE/DESCRIPTION/System/CentralProcessor/0"

enum { TEXT_MAX = 256 };

static DWORD registry_text(const wchar_t *path, const wchar_t *value,
			   char text[TEXT_MAX])
{
	wchar_t wide[128];
	DWORD size = sizeof(wide);
	LSTATUS code = RegGetValueW(HKEY_LOCAL_MACHINE, path, value,
				    RRF_RT_REG_SZ, NULL, wide, &size);

	if (!code)
		ipc_win_narrow(wide, text, TEXT_MAX);
	return (DWORD)code;
}

static void tell_cpu_model(const struct teller *t)
{
	char text[TEXT_MAX];
	DWORD code = registry_text(CPU_KEY, L"ProcessorNameString", text);

	if (code)
		say_not(t, "cpu_model", CPU_SOURCE, why(code));
	else
		say(t, "cpu_model", CPU_SOURCE, "%s", text);
}

static void tell_microcode(const struct teller *t)
{
	unsigned char bytes[8] = { 0 };
	DWORD size = sizeof(bytes);
	LSTATUS code = RegGetValueW(HKEY_LOCAL_MACHINE, CPU_KEY,
				    L"Update Revision", RRF_RT_REG_BINARY,
				    NULL, bytes, &size);
	uint64_t revision = 0;

	if (code) {
		say_not(t, "microcode", CPU_SOURCE, why((DWORD)code));
		return;
	}
	for (int i = 8; i--;)
		revision = revision << 8 | bytes[i];
	/* Intel has it in the upper half, AMD in the lower */
	say(t, "microcode", CPU_SOURCE, "0x%" PRIx64,
	    revision >> 32 ? revision >> 32 : revision);
}

/* What not every Windows or Wine has, by name; *pointer becomes NULL. */
static void find(const wchar_t *dll, const char *function, void *pointer)
{
	HMODULE module = GetModuleHandleW(dll);
	FARPROC found = module ? GetProcAddress(module, function) : NULL;

	memcpy(pointer, &found, sizeof(found));
}

#define VERSION_KEY L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

/* Windows 11 still calls itself 10 in the registry; builds from 22000 are 11. */
static void tell_product(const struct teller *t, DWORD build)
{
	const char *source = "registry ProductName";
	char text[TEXT_MAX];
	DWORD code = registry_text(VERSION_KEY, L"ProductName", text);

	if (!code && build >= 22000 && !strncmp(text, "Windows 10", 10))
		text[9] = '1';
	if (code)
		say_not(t, "os", source, why(code));
	else
		say(t, "os", source, "%s", text);
}

/* GetVersionEx lies to programs without a manifest. */
static void tell_version(const struct teller *t)
{
	LONG(WINAPI *get)(RTL_OSVERSIONINFOW *);
	RTL_OSVERSIONINFOW v = { .dwOSVersionInfoSize = sizeof(v) };
	DWORD revision = 0, size = sizeof(revision);
	bool known;

	find(L"ntdll.dll", "RtlGetVersion", &get);
	known = get && !get(&v);
	tell_product(t, known ? v.dwBuildNumber : 0);
	if (!known) {
		say_not(t, "kernel", "RtlGetVersion", "error");
		return;
	}
	RegGetValueW(HKEY_LOCAL_MACHINE, VERSION_KEY, L"UBR", RRF_RT_REG_DWORD,
		     NULL, &revision, &size);
	say(t, "kernel", "RtlGetVersion, UBR", "%lu.%lu.%lu.%lu",
	    v.dwMajorVersion, v.dwMinorVersion, v.dwBuildNumber, revision);
}

struct cores {
	bool     known, smt;
	BYTE     slowest, fastest; /* EfficiencyClass */
	unsigned cores;
};

static struct cores count_cores(void)
{
	struct cores c = { .slowest = 255 };
	DWORD size = 0, at = 0;
	char *all;

	GetLogicalProcessorInformationEx(RelationProcessorCore, NULL, &size);
	all = malloc(size ? size : 1);
	if (!all || !GetLogicalProcessorInformationEx(
			    RelationProcessorCore,
			    (SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *)all,
			    &size))
		size = 0;
	while (at < size) {
		SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *one =
			(SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *)(all + at);
		/* EfficiencyClass, younger than mingw-w64's header */
		BYTE class = one->Processor.Reserved[0];

		c.known = true;
		c.cores++;
		c.smt |= (one->Processor.Flags & LTP_PC_SMT) != 0;
		c.slowest = class < c.slowest ? class : c.slowest;
		c.fastest = class > c.fastest ? class : c.fastest;
		at += one->Size;
	}
	free(all);
	return c;
}

static void tell_cpus(const struct teller *t)
{
	const char *source = "GetLogicalProcessorInformationEx";
	struct cores c = count_cores();
	unsigned list[1024];
	ULONG node;

	say(t, "cpus_online", "GetActiveProcessorCount", "%lu",
	    GetActiveProcessorCount(ALL_PROCESSOR_GROUPS));
	say(t, "cpus_allowed", "GetProcessAffinityMask", "%zu",
	    ipc_cpus(list, sizeof(list) / sizeof(list[0])));
	if (c.known) {
		say(t, "cores", source, "%u", c.cores);
		say_yes_no(t, "hybrid", source, c.fastest > c.slowest);
		say_yes_no(t, "smt", source, c.smt);
	} else {
		say_not(t, "cores", source, why(GetLastError()));
		say_not(t, "hybrid", source, "error");
		say_not(t, "smt", source, "error");
	}
	if (GetNumaHighestNodeNumber(&node))
		say(t, "numa_nodes", "GetNumaHighestNodeNumber", "%lu",
		    node + 1);
	else
		say_not(t, "numa_nodes", "GetNumaHighestNodeNumber",
			why(GetLastError()));
}

/* The friendly names are translated; those of Windows' own schemes are not. */
static const char *known_scheme(const GUID *scheme)
{
	static const struct {
		GUID        id;
		const char *name;
	} known[] = {
		{ { 0x8c5e7fda, 0xe8bf, 0x4a96,
		    { 0x9a, 0x85, 0xa6, 0xe2, 0x3a, 0x8c, 0x63, 0x5c } },
		  "High performance" },
		{ { 0x381b4222, 0xf694, 0x41f0,
		    { 0x96, 0x85, 0xff, 0x5b, 0xb2, 0x60, 0xdf, 0x2e } },
		  "Balanced" },
		{ { 0xa1841308, 0x3541, 0x4fab,
		    { 0xbc, 0x81, 0xf7, 0x15, 0x56, 0xf2, 0x0b, 0x4a } },
		  "Power saver" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!memcmp(scheme, &known[i].id, sizeof(*scheme)))
			return known[i].name;
	return NULL;
}

static void tell_power_scheme(const struct teller *t)
{
	const char *source = "PowerGetActiveScheme";
	static const GUID processor = { 0x54533251, 0x82be, 0x4824,
		{ 0x96, 0xc1, 0x47, 0xb6, 0x0b, 0x74, 0x0d, 0x00 } };
	static const GUID boost_mode = { 0xbe337238, 0x0d82, 0x4146,
		{ 0xa9, 0x60, 0x4f, 0x37, 0x49, 0xd4, 0x70, 0xc7 } };
	GUID *scheme = NULL;
	wchar_t wide[128] = L"";
	DWORD size = sizeof(wide), boost = 0;
	char text[256];
	DWORD code = PowerGetActiveScheme(NULL, &scheme);

	if (!code)
		code = PowerReadFriendlyName(NULL, scheme, NULL, NULL,
					     (UCHAR *)wide, &size);
	if (scheme && known_scheme(scheme))
		say(t, "governor", source, "%s", known_scheme(scheme));
	else if (code || !wide[0])
		say_not(t, "governor", source, code ? why(code) : "absent");
	else
		say(t, "governor", source, "%s",
		    ipc_win_narrow(wide, text, sizeof(text)));
	if (scheme && !code)
		code = PowerReadACValueIndex(NULL, scheme, &processor,
					     &boost_mode, &boost);
	if (code || !scheme)
		say_not(t, "boost", "PERFBOOSTMODE",
			code ? why(code) : "absent");
	else
		say_yes_no(t, "boost", "PERFBOOSTMODE", boost != 0);
	if (scheme)
		LocalFree(scheme);
}

/* With virtualisation based security Windows itself sits on a hypervisor. */
static void tell_virtualization(const struct teller *t)
{
	char signature[13];
	const char *name = ipc_hypervisor(signature);

	if (name)
		say(t, "virtualization", "CPUID", "%s", name);
	else
		say_not(t, "virtualization", "CPUID", "unsupported");
}

static void tell_quota(const struct teller *t)
{
	const char *source = "JobObjectCpuRateControlInformation";
	JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate;
	BOOL in_job = FALSE;

	if (IsProcessInJob(GetCurrentProcess(), NULL, &in_job) && !in_job)
		say(t, "cpu_quota", source, "none");
	else if (!QueryInformationJobObject(
			 NULL, JobObjectCpuRateControlInformation, &rate,
			 sizeof(rate), NULL))
		say_not(t, "cpu_quota", source, why(GetLastError()));
	else if (!(rate.ControlFlags & JOB_OBJECT_CPU_RATE_CONTROL_ENABLE) ||
		 !(rate.ControlFlags & JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP))
		say(t, "cpu_quota", source, "none");
	else /* hundredths of a percent of all CPUs */
		say(t, "cpu_quota", source, "%.2f",
		    rate.CpuRate / 10000.0 *
			    GetActiveProcessorCount(ALL_PROCESSOR_GROUPS));
}

static void tell_timer(const struct teller *t)
{
	LONG(WINAPI *query)(ULONG *, ULONG *, ULONG *);
	ULONG coarsest, finest, now;

	find(L"ntdll.dll", "NtQueryTimerResolution", &query);
	if (query && !query(&coarsest, &finest, &now))
		say(t, "timer_resolution_ns", "NtQueryTimerResolution", "%lu",
		    now * 100);
	else
		say_not(t, "timer_resolution_ns", "NtQueryTimerResolution",
			"unsupported");
}

/* Class 201: one word of bits, compared and never judged. */
static void tell_mitigations(const struct teller *t)
{
	const char *source = "SystemSpeculationControlInformation";
	ULONG bits[8] = { 0 }, size = 0;
	NTSTATUS status = NtQuerySystemInformation(
		(SYSTEM_INFORMATION_CLASS)201, bits, sizeof(ULONG), &size);

	if (status)
		say_not(t, "mitigations", source,
			why(RtlNtStatusToDosError(status)));
	else
		say(t, "mitigations", source, "0x%lx", bits[0]);
}

static void tell_energy(const struct teller *t)
{
	BOOL(WINAPI *get)(HANDLE, int, void *, DWORD);
	struct {
		ULONG version, control, state;
	} throttling = { .version = 1 };
	const int process_power_throttling = 4;
	SYSTEM_POWER_STATUS power;

	if (!GetSystemPowerStatus(&power))
		say_not(t, "on_battery", "GetSystemPowerStatus",
			why(GetLastError()));
	else if (power.ACLineStatus > 1)
		say_not(t, "on_battery", "GetSystemPowerStatus", "absent");
	else
		say_yes_no(t, "on_battery", "GetSystemPowerStatus",
			   power.ACLineStatus == 0);
	find(L"kernel32.dll", "GetProcessInformation", &get);
	if (!get)
		say_not(t, "power_throttling", "GetProcessInformation",
			"unsupported");
	else if (!get(GetCurrentProcess(), process_power_throttling,
		      &throttling, sizeof(throttling)))
		say_not(t, "power_throttling", "GetProcessInformation",
			why(GetLastError()));
	else /* bit 0: EXECUTION_SPEED, EcoQoS */
		say_yes_no(t, "power_throttling", "GetProcessInformation",
			   throttling.control & throttling.state & 1);
}

static void tell_limits(const struct teller *t)
{
	static const char *const none[] = { "pipe_max_size",
					    "pipe_user_pages_soft",
					    "pipe_user_pages_hard",
					    "open_files" };
	MEMORYSTATUSEX memory = { .dwLength = sizeof(memory) };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		say_not(t, none[i], "windows", "absent");
	if (GlobalMemoryStatusEx(&memory))
		say(t, "memory_bytes", "GlobalMemoryStatusEx", "%" PRIu64,
		    (uint64_t)memory.ullTotalPhys);
	else
		say_not(t, "memory_bytes", "GlobalMemoryStatusEx", "error");
	say(t, "priority_class", "GetPriorityClass", "0x%lx",
	    GetPriorityClass(GetCurrentProcess()));
}

/* A name says who; its digest only whether it is the same again. */
static void tell_host(const struct teller *t)
{
	uint64_t digest = UINT64_C(14695981039346656037); /* FNV-1a */
	char name[256];

	ipc_node_name(name, sizeof(name));
	for (const char *c = name; *c; c++)
		digest = (digest ^ (unsigned char)*c) * UINT64_C(1099511628211);
	say(t, "host_digest", "GetComputerNameExW", "%016" PRIx64, digest);
}

void ipc_facts(ipc_fact_fn *tell, void *user)
{
	const struct teller t = { tell, user };
	LARGE_INTEGER rate;

	tell_version(&t);
	say(&t, "libc", "build", "%s", RUNTIME);
	tell_cpu_model(&t);
	tell_microcode(&t);
	tell_cpus(&t);
	say(&t, "page_size", "GetSystemInfo", "%zu", ipc_page_size());
	tell_mitigations(&t);
	tell_power_scheme(&t);
	QueryPerformanceFrequency(&rate);
	say(&t, "clocksource", "QueryPerformanceFrequency",
	    "qpc %" PRId64 " Hz", (int64_t)rate.QuadPart);
	tell_timer(&t);
	tell_virtualization(&t);
	tell_quota(&t);
	tell_limits(&t);
	tell_energy(&t);
	tell_host(&t);
	if (ipc_wine())
		say(&t, "wine", "wine_get_version", "%s", ipc_wine());
	else
		say_not(&t, "wine", "wine_get_version", "absent");
}

/* Of winnt.h's PROCESSOR_POWER_INFORMATION, which mingw-w64 lacks. */
struct processor_power {
	ULONG number, max_mhz, current_mhz, mhz_limit, max_idle, idle;
};

static void tell_clock(const struct teller *t)
{
	const char *source = "CallNtPowerInformation";
	struct processor_power list[256] = { { .number = 0 } };
	unsigned count = GetActiveProcessorCount(0);
	LONG status = count > 256 ? -1
		: CallNtPowerInformation(ProcessorInformation, NULL, 0, list,
					 (ULONG)(count * sizeof(list[0])));

	if (status || !list[0].current_mhz) {
		say_not(t, "cpu_mhz", source, "unsupported");
		say_not(t, "cpu_mhz_limit", source, "unsupported");
		return;
	}
	say(t, "cpu_mhz", source, "%lu", list[0].current_mhz);
	/* below max_mhz: something holds the clock back */
	say(t, "cpu_mhz_limit", source, "%lu", list[0].mhz_limit);
}

static uint64_t filetime_ms(FILETIME t)
{
	return ((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) / 10000;
}

void ipc_facts_moving(ipc_fact_fn *tell, void *user)
{
	const struct teller t = { tell, user };
	FILETIME idle, kernel, used;

	say(&t, "uptime_s", "GetTickCount64", "%" PRIu64,
	    (uint64_t)(GetTickCount64() / 1000));
	say_not(&t, "load_running", "windows", "absent");
	say_not(&t, "steal_ticks", "windows", "absent");
	if (GetSystemTimes(&idle, &kernel, &used)) /* kernel contains idle */
		say(&t, "cpu_busy_ms", "GetSystemTimes", "%" PRIu64,
		    filetime_ms(kernel) + filetime_ms(used) -
			    filetime_ms(idle));
	else
		say_not(&t, "cpu_busy_ms", "GetSystemTimes",
			why(GetLastError()));
	tell_clock(&t);
}
