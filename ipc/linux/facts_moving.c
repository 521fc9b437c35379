/* What moves by itself; read before and after every trial, so few files. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/linux/facts.h"

/* "cpu user nice system idle iowait irq softirq steal ..." */
static void tell_steal(const struct lx_teller *to)
{
	unsigned long long ticks;
	char text[LX_FACT_MAX];

	if (lx_read_line("/proc/stat", text) &&
	    sscanf(text, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &ticks) == 1)
		lx_tell(to, "steal_ticks", "/proc/stat", "%llu", ticks);
	else
		lx_tell_why(to, "steal_ticks", "/proc/stat", errno);
}

static void tell_load(const struct lx_teller *to)
{
	char text[LX_FACT_MAX];
	unsigned running;

	if (lx_read_line("/proc/loadavg", text) &&
	    sscanf(text, "%*s %*s %*s %u/", &running) == 1)
		lx_tell(to, "load_running", "/proc/loadavg", "%u", running);
	else
		lx_tell_why(to, "load_running", "/proc/loadavg", errno);
	if (lx_read_line("/proc/uptime", text))
		lx_tell(to, "uptime_s", "/proc/uptime", "%.*s",
			(int)strcspn(text, " ."), text);
}

/* "some avg10=... total=MICROSECONDS" */
static void tell_pressure(const struct lx_teller *to)
{
	static const char path[] = "/proc/pressure/cpu";
	char text[LX_FACT_MAX], *total;

	if (!lx_read_line(path, text))
		lx_tell_why(to, "pressure_us", path, errno);
	else if ((total = strstr(text, "total=")) != NULL)
		lx_tell(to, "pressure_us", path, "%s", total + 6);
}

static void tell_clock(const struct lx_teller *to)
{
	static const char path[] =
		"/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";
	long long khz;

	if (lx_read_number(path, &khz))
		lx_tell(to, "cpu_mhz", path, "%lld", khz / 1000);
	else
		lx_tell_field(to, "cpu_mhz", "/proc/cpuinfo", "cpu MHz");
}

static void tell_throttling(const struct lx_teller *to)
{
	static const char count[] = "/sys/devices/system/cpu/cpu0/"
				    "thermal_throttle/core_throttle_count";
	struct lx_group group;
	char path[400];

	lx_tell_file(to, "thermal_throttled", count);
	if (!lx_cpu_group(&group)) {
		lx_tell_why(to, "quota_throttled", "/proc/self/cgroup", errno);
		return;
	}
	snprintf(path, sizeof(path), "%s%s/cpu.stat", group.root, group.path);
	lx_tell_field(to, "quota_throttled", path, "nr_throttled");
}

static void tell_temperature(const struct lx_teller *to)
{
	static const char path[] = "/sys/class/thermal/thermal_zone0/temp";
	long long milli;

	if (lx_read_number(path, &milli))
		lx_tell(to, "temperature_c", path, "%lld", milli / 1000);
	else
		lx_tell_why(to, "temperature_c", path, errno);
}

void ipc_facts_moving(ipc_fact_fn *tell, void *user)
{
	struct lx_teller to = { tell, user };

	tell_steal(&to);
	tell_load(&to);
	tell_pressure(&to);
	tell_clock(&to);
	tell_throttling(&to);
	tell_temperature(&to);
}
