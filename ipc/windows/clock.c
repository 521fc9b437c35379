#include "ipc/windows/win.h"

#include <timeapi.h>

#include "ipc/clock.h"

/* mingw-w64 10 does not know it; Windows 10 1803. */
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

#define UNIX_EPOCH_100NS 116444736000000000u /* from 1601 to 1970 */

uint64_t ipc_clock_system_ticks(void)
{
	LARGE_INTEGER now;

	QueryPerformanceCounter(&now); /* cannot fail since Windows XP */
	return (uint64_t)now.QuadPart;
}

uint64_t ipc_clock_system_rate(void)
{
	LARGE_INTEGER rate;

	QueryPerformanceFrequency(&rate);
	return (uint64_t)rate.QuadPart;
}

const char *ipc_clock_system_name(void)
{
	return "qpc";
}

/*
 * The counter that Windows itself trusts is already behind QPC, consistent
 * across processors and processes; Microsoft advises against reading it raw.
 */
int ipc_clock_tsc_is_sound(void)
{
	return 0;
}

uint64_t ipc_now_ns(void)
{
	uint64_t ticks = ipc_clock_system_ticks();
	uint64_t rate = ipc_clock_system_rate();

	return ticks / rate * 1000000000u + ticks % rate * 1000000000u / rate;
}

uint64_t ipc_wall_ns(void)
{
	FILETIME now;

	GetSystemTimePreciseAsFileTime(&now);
	return (((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) -
		UNIX_EPOCH_100NS) * 100;
}

/*
 * Sleep wakes with the system's tick, 15.6 ms as a rule; a high resolution
 * timer is good to about half a millisecond and asks nobody for anything.
 */
/* For timers that are not of high resolution; the process's end undoes it. */
void ipc_sleep_finely(void)
{
	timeBeginPeriod(1);
}

void ipc_sleep_ns(uint64_t ns)
{
	LARGE_INTEGER due = { .QuadPart = -(int64_t)(ns / 100 + 1) };
	HANDLE timer = CreateWaitableTimerExW(
		NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION,
		TIMER_ALL_ACCESS);

	if (!timer)
		timer = CreateWaitableTimerExW(NULL, NULL, 0, TIMER_ALL_ACCESS);
	if (timer && SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE))
		WaitForSingleObject(timer, INFINITE);
	else
		Sleep(ipc_win_ms(ns));
	if (timer)
		CloseHandle(timer);
}
