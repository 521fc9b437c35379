/* What stays as it is while a run lasts. */
#include "ipc/linux/facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include "ipc/linux/facts_cpu.h"
#include "ipc/mem.h"

#define SYS "/sys/devices/system/"

/* The whole first line of a file. */
static const struct {
	const char *key, *path;
} files[] = {
	{ "numa_nodes", SYS "node/online" },
	{ "cpus_present", SYS "cpu/present" },
	{ "cpus_isolated", SYS "cpu/isolated" },
	{ "nohz_full", SYS "cpu/nohz_full" },
	{ "frequency_driver", SYS "cpu/cpu0/cpufreq/scaling_driver" },
	{ "frequency_min_khz", SYS "cpu/cpu0/cpufreq/scaling_min_freq" },
	{ "frequency_max_khz", SYS "cpu/cpu0/cpufreq/scaling_max_freq" },
	{ "energy_preference",
	  SYS "cpu/cpu0/cpufreq/energy_performance_preference" },
	{ "idle_driver", SYS "cpu/cpuidle/current_driver" },
	{ "idle_governor", SYS "cpu/cpuidle/current_governor_ro" },
	{ "halt_poll_ns", "/sys/module/haltpoll/parameters/guest_halt_poll_ns" },
	{ "clocksource", SYS "clocksource/clocksource0/current_clocksource" },
	{ "clocksources", SYS "clocksource/clocksource0/available_clocksource" },
	{ "pipe_max_size", "/proc/sys/fs/pipe-max-size" },
	{ "pipe_user_pages_soft", "/proc/sys/fs/pipe-user-pages-soft" },
	{ "pipe_user_pages_hard", "/proc/sys/fs/pipe-user-pages-hard" },
	{ "socket_buffer_max", "/proc/sys/net/core/wmem_max" },
	{ "socket_buffer_default", "/proc/sys/net/core/wmem_default" },
	{ "io_uring_disabled", "/proc/sys/kernel/io_uring_disabled" },
	{ "address_randomization", "/proc/sys/kernel/randomize_va_space" },
	{ "transparent_hugepages", "/sys/kernel/mm/transparent_hugepage/enabled" },
	{ "numa_balancing", "/proc/sys/kernel/numa_balancing" },
	{ "sched_autogroup", "/proc/sys/kernel/sched_autogroup_enabled" },
	{ "timer_slack_ns", "/proc/self/timerslack_ns" },
	{ "machine_vendor", "/sys/class/dmi/id/sys_vendor" },
	{ "machine_model", "/sys/class/dmi/id/product_name" },
};

static void tell_files(const struct lx_teller *to)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		lx_tell_file(to, files[i].key, files[i].path);
}

static void tell_system(const struct lx_teller *to)
{
	char text[LX_FACT_MAX];
	struct utsname is;

	if (lx_read_field("/etc/os-release", "PRETTY_NAME", text)) {
		size_t len = strlen(text);
		bool quoted = len > 1 && text[0] == '"';

		lx_tell(to, "os", "/etc/os-release", "%.*s",
			(int)(quoted ? len - 2 : len), text + quoted);
	} else {
		lx_tell_why(to, "os", "/etc/os-release", errno);
	}
	if (uname(&is) == 0) {
		lx_tell(to, "kernel", "uname", "%s %s", is.release, is.version);
		lx_tell(to, "machine", "uname", "%s", is.machine);
	}
#if defined(__GLIBC__)
	lx_tell(to, "libc", "gnu_get_libc_version", "glibc %s",
		gnu_get_libc_version());
#else
	lx_tell_why(to, "libc", "gnu_get_libc_version", ENOTSUP);
#endif
	lx_tell(to, "page_size", "sysconf", "%zu", ipc_page_size());
}

/* A name says who; its digest only whether it is the same again. */
static void tell_host(const struct lx_teller *to)
{
	uint64_t digest = UINT64_C(14695981039346656037); /* FNV-1a */
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	for (const char *c = name; *c; c++)
		digest = (digest ^ (unsigned char)*c) * UINT64_C(1099511628211);
	lx_tell(to, "host_digest", "gethostname", "%016llx",
		(unsigned long long)digest);
}

static void tell_limit(const struct lx_teller *to, const char *key,
		       int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		lx_tell_why(to, key, "getrlimit", errno);
	else if (limit.rlim_cur == RLIM_INFINITY)
		lx_tell(to, key, "getrlimit", "unlimited");
	else
		lx_tell(to, key, "getrlimit", "%llu",
			(unsigned long long)limit.rlim_cur);
}

static void tell_priority(const struct lx_teller *to)
{
	int policy = sched_getscheduler(0);
	const char *name = policy == SCHED_OTHER   ? "other"
			   : policy == SCHED_FIFO  ? "fifo"
			   : policy == SCHED_RR    ? "rr"
			   : policy == SCHED_BATCH ? "batch"
						   : "idle";

	lx_tell(to, "scheduling", "sched_getscheduler", "%s, nice %d", name,
		getpriority(PRIO_PROCESS, 0));
	lx_tell_why(to, "power_throttling", "no such thing here", ENOTSUP);
}

/* The CPUs' worth of time that one group allows; 0: no limit, < 0: unknown. */
static double quota_of(const struct lx_group *group, const char *path)
{
	char file[512], text[LX_FACT_MAX];
	long long quota = -1, period = 100000;

	if (group->unified) {
		snprintf(file, sizeof(file), "%s%s/cpu.max", group->root, path);
		if (!lx_read_line(file, text))
			return -1;
		if (sscanf(text, "%lld %lld", &quota, &period) != 2)
			return 0; /* max */
	} else {
		snprintf(file, sizeof(file), "%s%s/cpu.cfs_period_us",
			 group->root, path);
		if (!lx_read_number(file, &period))
			return -1;
		snprintf(file, sizeof(file), "%s%s/cpu.cfs_quota_us",
			 group->root, path);
		if (!lx_read_number(file, &quota) || quota < 0)
			return 0;
	}
	return period > 0 ? (double)quota / (double)period : -1;
}

/* A group's parents limit it too: the least of all counts. */
static void tell_quota(const struct lx_teller *to)
{
	struct lx_group group;
	double least = -1;
	char *slash;

	if (!lx_cpu_group(&group)) {
		lx_tell_why(to, "cpu_quota", "/proc/self/cgroup", ENOENT);
		return;
	}
	do {
		double quota;

		slash = strrchr(group.path, '/');
		if (slash && !slash[1]) /* the root itself */
			*slash = '\0';
		quota = quota_of(&group, group.path);
		if (quota > 0 && (least <= 0 || quota < least))
			least = quota;
		else if (quota == 0 && least < 0)
			least = 0;
		slash = strrchr(group.path, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
	if (least > 0)
		lx_tell(to, "cpu_quota", group.root, "%.2f", least);
	else if (least == 0 || group.unified) /* its root has no such file */
		lx_tell(to, "cpu_quota", group.root, "none");
	else
		lx_tell_why(to, "cpu_quota", group.root, ENOENT);
}

/* Mains that are off mean a battery that is in use. */
static void tell_battery(const struct lx_teller *to)
{
	static const char path[] = "/sys/class/power_supply";
	DIR *folder = opendir(path);
	struct dirent *entry;
	char file[512], text[LX_FACT_MAX];
	int online = -1;

	while (folder && (entry = readdir(folder)) != NULL) {
		long long number;

		snprintf(file, sizeof(file), "%s/%s/type", path, entry->d_name);
		if (!lx_read_line(file, text) || strcmp(text, "Mains") != 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s/online", path,
			 entry->d_name);
		if (lx_read_number(file, &number) && number > online)
			online = (int)number;
	}
	if (folder)
		closedir(folder);
	if (online < 0)
		lx_tell_why(to, "on_battery", path, ENOENT);
	else
		lx_tell(to, "on_battery", path, "%s", online ? "no" : "yes");
}

void ipc_facts(ipc_fact_fn *tell, void *user)
{
	struct lx_teller to = { tell, user };

	tell_system(&to);
	tell_host(&to);
	lx_tell_cpu(&to);
	tell_quota(&to);
	tell_files(&to);
	tell_limit(&to, "open_files", RLIMIT_NOFILE);
	tell_limit(&to, "locked_memory", RLIMIT_MEMLOCK);
	tell_priority(&to);
	tell_battery(&to);
	lx_tell_why(&to, "wine", "this is Linux", ENOENT);
}
