#include "ipc/linux/facts_cpu.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/hypervisor.h"

#define CPU "/sys/devices/system/cpu/"

static void tell_model(const struct lx_teller *to)
{
	static const char info[] = "/proc/cpuinfo";
	char text[LX_FACT_MAX];

	if (lx_read_field(info, "model name", text))
		lx_tell(to, "cpu_model", info, "%s", text);
	else if (lx_read_line("/proc/device-tree/model", text))
		lx_tell(to, "cpu_model", "/proc/device-tree/model", "%s", text);
	else if (lx_read_field(info, "CPU part", text))
		lx_tell(to, "cpu_model", info, "CPU part %s", text);
	else
		lx_tell_why(to, "cpu_model", info, errno);
	lx_tell_field(to, "microcode", info, "microcode");
}

static void append(char buf[LX_FACT_MAX], const char *between,
		   const char *format, const char *a, const char *b)
{
	size_t len = strlen(buf);

	len += (size_t)snprintf(buf + len, LX_FACT_MAX - len, "%s",
				len ? between : "");
	if (len < LX_FACT_MAX)
		snprintf(buf + len, LX_FACT_MAX - len, format, a, b);
}

/* "L1 Data 32K, L1 Instruction 32K, L2 Unified 1024K, ..." of CPU 0. */
static void tell_caches(const struct lx_teller *to)
{
	char all[LX_FACT_MAX] = "", path[128], level[LX_FACT_MAX];
	char type[LX_FACT_MAX], size[LX_FACT_MAX], one[64];

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), CPU "cpu0/cache/index%d/level", i);
		if (!lx_read_line(path, level))
			break;
		snprintf(path, sizeof(path), CPU "cpu0/cache/index%d/type", i);
		if (!lx_read_line(path, type))
			type[0] = '\0';
		snprintf(path, sizeof(path), CPU "cpu0/cache/index%d/size", i);
		if (!lx_read_line(path, size))
			break;
		snprintf(one, sizeof(one), "L%.3s %.20s", level, type);
		append(all, ", ", "%s %s", one, size);
	}
	if (all[0])
		lx_tell(to, "cpu_caches", CPU "cpu0/cache", "%s", all);
	else
		lx_tell_why(to, "cpu_caches", CPU "cpu0/cache", ENOENT);
}

/* Is text one of the values in "a, b"? */
static bool listed(const char *all, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = all; (at = strstr(at, text)) != NULL; at++)
		if ((at == all || at[-1] == ' ') &&
		    (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* The different values of one file over the CPUs, "a, b"; false: none. */
static bool values_of(const char *file, char all[LX_FACT_MAX], bool *differ)
{
	unsigned cpus[1024];
	size_t count = ipc_cpus(cpus, sizeof(cpus) / sizeof(cpus[0]));
	char path[160], text[LX_FACT_MAX];

	all[0] = '\0';
	*differ = false;
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), CPU "cpu%u/%s", cpus[i], file);
		if (!lx_read_line(path, text))
			return false;
		if (listed(all, text))
			continue;
		*differ = all[0] != '\0';
		append(all, ", ", "%s%s", text, "");
	}
	return all[0] != '\0';
}

static void tell_hybrid(const struct lx_teller *to)
{
	static const char *const files[] = {
		"cpu_capacity", "cpufreq/cpuinfo_max_freq"
	};
	char all[LX_FACT_MAX];
	bool known = false, yes = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		bool differ;

		if (!values_of(files[i], all, &differ))
			continue;
		known = true;
		yes |= differ;
	}
	if (access("/sys/devices/cpu_atom", F_OK) == 0)
		known = yes = true;
	if (known)
		lx_tell(to, "hybrid", CPU "cpu*/cpu_capacity", "%s",
			yes ? "yes" : "no");
	else
		lx_tell_why(to, "hybrid", CPU "cpu*/cpu_capacity", ENOENT);
}

static void tell_threads(const struct lx_teller *to)
{
	char all[LX_FACT_MAX];
	long long active;
	bool differ;

	if (lx_read_number(CPU "smt/active", &active))
		lx_tell(to, "smt", CPU "smt/active", "%s",
			active ? "yes" : "no");
	else
		lx_tell_why(to, "smt", CPU "smt/active", errno);
	if (values_of("topology/thread_siblings_list", all, &differ))
		lx_tell(to, "cpu_threads", CPU "cpu*/topology", "%s", all);
	else
		lx_tell_why(to, "cpu_threads", CPU "cpu*/topology", errno);
	if (values_of("topology/package_cpus_list", all, &differ))
		lx_tell(to, "cpu_packages", CPU "cpu*/topology", "%s", all);
	else
		lx_tell_why(to, "cpu_packages", CPU "cpu*/topology", errno);
}

static void tell_counts(const struct lx_teller *to)
{
	unsigned cpus[1024];

	lx_tell(to, "cpus_online", "sysconf", "%ld",
		sysconf(_SC_NPROCESSORS_ONLN));
	lx_tell(to, "cpus_allowed", "sched_getaffinity", "%zu",
		ipc_cpus(cpus, sizeof(cpus) / sizeof(cpus[0])));
}

static void tell_frequency(const struct lx_teller *to)
{
	static const char governor[] = CPU "cpu*/cpufreq/scaling_governor";
	static const char turbo[] = CPU "intel_pstate/no_turbo";
	static const char boost[] = CPU "cpufreq/boost";
	char all[LX_FACT_MAX];
	long long number;
	bool differ;

	if (values_of("cpufreq/scaling_governor", all, &differ))
		lx_tell(to, "governor", governor, "%s", all);
	else
		lx_tell_why(to, "governor", governor, errno);
	if (lx_read_number(turbo, &number))
		lx_tell(to, "boost", turbo, "%s", number ? "no" : "yes");
	else if (lx_read_number(boost, &number))
		lx_tell(to, "boost", boost, "%s", number ? "yes" : "no");
	else
		lx_tell_why(to, "boost", boost, errno);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* All of them, since a difference between two runs is what counts. */
static void tell_mitigations(const struct lx_teller *to)
{
	static const char folder[] = CPU "vulnerabilities";
	char all[LX_FACT_MAX] = "", path[400], text[LX_FACT_MAX];
	struct dirent **names;
	int count = scandir(folder, &names, NULL, by_name);

	if (count < 0) {
		lx_tell_why(to, "mitigations", folder, errno);
		return;
	}
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
			 names[i]->d_name);
		if (names[i]->d_name[0] != '.' && lx_read_line(path, text))
			append(all, "; ", "%s: %s", names[i]->d_name, text);
		free(names[i]);
	}
	free(names);
	lx_tell(to, "mitigations", folder, "%s", all);
}

/* ARM has no such instruction; the device tree knows, or Xen's folder. */
static void tell_hypervisor(const struct lx_teller *to)
{
	char signature[13], text[LX_FACT_MAX];
	const char *name = ipc_hypervisor(signature);

	if (name)
		lx_tell(to, "virtualization", "cpuid", "%s", name);
	else if (lx_read_line("/proc/device-tree/hypervisor/compatible", text))
		lx_tell(to, "virtualization", "/proc/device-tree", "%s", text);
	else
		lx_tell_file(to, "virtualization", "/sys/hypervisor/type");
}

static void tell_virtualization(const struct lx_teller *to)
{
	char text[LX_FACT_MAX];

	if (lx_read_line("/proc/version", text) && strstr(text, "icrosoft"))
		lx_tell(to, "virtualization", "/proc/version", "wsl");
	else
		tell_hypervisor(to);
}

void lx_tell_cpu(const struct lx_teller *to)
{
	tell_model(to);
	tell_counts(to);
	tell_threads(to);
	tell_hybrid(to);
	tell_caches(to);
	tell_frequency(to);
	tell_mitigations(to);
	tell_virtualization(to);
}
