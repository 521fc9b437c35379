#include "ipc/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t ipc_clock_system_ticks(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t ipc_clock_system_rate(void)
{
	return 1000000000u;
}

const char *ipc_clock_system_name(void)
{
	return "clock_monotonic";
}

/*
 * The kernel keeps a watchdog on the counter and drops it as its own clock
 * where it stops, drifts or differs between CPUs: its choice is the test.
 */
int ipc_clock_tsc_is_sound(void)
{
	static const char path[] = "/sys/devices/system/clocksource/"
				   "clocksource0/current_clocksource";
	char name[32] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return strcmp(name, "tsc\n") == 0;
}

uint64_t ipc_now_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t ipc_wall_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

/* The kernel may put timers together, 50 us apart, unless it is told not to. */
void ipc_sleep_finely(void)
{
	prctl(PR_SET_TIMERSLACK, 1);
}

void ipc_sleep_ns(uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / 1000000000u),
				 .tv_nsec = (long)(ns % 1000000000u) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
