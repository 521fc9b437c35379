#include "bench/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/digest.h"
#include "ipc/sys.h"

const char *const pm_severity_names[] = { "info", "warn", "void" };

static bool listed(const char *value, const char *const *words)
{
	while (*words && strcmp(*words, value) != 0)
		words++;
	return *words != NULL;
}

static bool is_yes(const char *value)
{
	return !strcmp(value, "yes");
}

static bool is_known(const char *value)
{
	return *value != '\0';
}

static bool is_not_none(const char *value)
{
	return *value && strcmp(value, "none") != 0;
}

static bool is_guest(const char *value)
{
	return is_not_none(value) && strcmp(value, "hyper-v-root") != 0;
}

static bool is_one(const char *value)
{
	return !strcmp(value, "1");
}

static bool is_slow_governor(const char *value)
{
	static const char *const good[] = { "performance", "High performance",
					    "Ultimate Performance", NULL };

	return !listed(value, good);
}

static bool is_slow_clock(const char *value)
{
	static const char *const bad[] = { "hpet", "acpi_pm", "jiffies", "pit",
					   NULL };

	return listed(value, bad);
}

static bool is_below(const char *value, unsigned long long least)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);

	return end != value && !*end && n < least;
}

static bool is_below_1mib(const char *value)
{
	return is_below(value, 1 << 20);
}

static bool is_few_pages(const char *value)
{
	return is_below(value, 1024) && strcmp(value, "0") != 0;
}

static bool is_below_256(const char *value)
{
	return is_below(value, 256);
}

/* A fact that says so (NULL: that is unknown) is a warning; %s: its value. */
static const struct rule {
	const char      *key;
	bool           (*says_so)(const char *value);
	const char      *code;
	enum pm_severity severity;
	const char      *text, *next;
} rules[] = {
	{ "wine", is_known, "wine", PM_SEVERITY_WARN,
	  "this ran under Wine (%s): it shows that things work, not how fast "
	  "Windows is",
	  "measure on Windows itself" },
	{ "cpus_allowed", is_one, "few-cpus", PM_SEVERITY_WARN,
	  "only %s CPU: both programs take turns on it",
	  "give the process two CPUs, or compare placement=same only" },
	{ "governor", is_slow_governor, "governor", PM_SEVERITY_WARN,
	  "the CPU clock is governed by \"%s\", it follows the load",
	  "cpupower frequency-set -g performance; Windows: powercfg /setactive "
	  "SCHEME_MIN" },
	{ "governor", NULL, "governor-unknown", PM_SEVERITY_INFO,
	  "nobody says how the CPU clock is governed", NULL },
	{ "boost", is_yes, "boost", PM_SEVERITY_INFO,
	  "the CPU raises its clock when it can: a short run looks faster than "
	  "a long one",
	  "echo 0 > /sys/devices/system/cpu/cpufreq/boost, or compare paired "
	  "(--a, --b)" },
	{ "hybrid", is_yes, "hybrid", PM_SEVERITY_WARN,
	  "the CPUs are of different speed",
	  "choose them: --placement P:C" },
	{ "smt", is_yes, "smt", PM_SEVERITY_INFO,
	  "two CPUs may be one core",
	  "choose them: --placement P:C" },
	{ "clocksource", is_slow_clock, "clocksource", PM_SEVERITY_WARN,
	  "the kernel's clock is %s: slow to read, and coarse",
	  "boot with tsc=reliable if the hardware allows it" },
	{ "virtualization", is_guest, "virtual-machine", PM_SEVERITY_INFO,
	  "a virtual machine (%s): others share the CPU, wake-ups take longer",
	  "compare paired (--a, --b); look at steal" },
	{ "cpu_quota", is_not_none, "cpu-quota", PM_SEVERITY_WARN,
	  "a quota of %s CPUs: the kernel stops the process when it is used up",
	  "lift it (cpu.max of the cgroup, --cpus of the container)" },
	{ "pipe_max_size", is_below_1mib, "pipe-limits", PM_SEVERITY_WARN,
	  "pipe buffers end at %s bytes", "sysctl fs.pipe-max-size=1048576" },
	{ "pipe_user_pages_soft", is_few_pages, "pipe-limits", PM_SEVERITY_WARN,
	  "all pipes of a user have %s pages: beyond them a pipe silently gets "
	  "2", "sysctl fs.pipe-user-pages-soft=16384" },
	{ "pipe_user_pages_hard", is_few_pages, "pipe-limits", PM_SEVERITY_WARN,
	  "all pipes of a user have %s pages at most",
	  "sysctl fs.pipe-user-pages-hard=0" },
	{ "open_files", is_below_256, "open-files", PM_SEVERITY_WARN,
	  "at most %s open files", "ulimit -n 1024" },
	{ "on_battery", is_yes, "battery", PM_SEVERITY_WARN,
	  "on battery: the machine saves power", "plug it in" },
	{ "power_throttling", is_yes, "power-throttling", PM_SEVERITY_WARN,
	  "the system slows this process to save power",
	  "choose the power mode \"best performance\"" },
};

static char *copied(const char *text)
{
	char *copy = text ? malloc(strlen(text) + 1) : NULL;

	return copy ? strcpy(copy, text) : NULL;
}

static bool has_room(struct pm_env *env)
{
	size_t room = env->room ? env->room * 2 : 64;
	struct pm_fact *facts;

	if (env->count < env->room)
		return true;
	facts = realloc(env->facts, room * sizeof(*facts));
	if (!facts)
		return false;
	env->facts = facts;
	env->room = room;
	return true;
}

void pm_env_add(void *user, const char *key, const char *value, const char *why,
		const char *source)
{
	struct pm_env *env = user;
	struct pm_fact *fact;

	if (env->failed || !has_room(env)) {
		env->failed = true;
		return;
	}
	fact = &env->facts[env->count++];
	*fact = (struct pm_fact){ copied(key), copied(value),
				  value ? NULL : why, copied(source) };
	env->failed = !fact->key || (value && !fact->value) ||
		      (source && !fact->source);
}

static const struct pm_fact *find(const struct pm_env *env, const char *key)
{
	for (size_t i = 0; i < env->count; i++)
		if (env->facts[i].key && !strcmp(env->facts[i].key, key))
			return &env->facts[i];
	return NULL;
}

const char *pm_env_value(const struct pm_env *env, const char *key)
{
	const struct pm_fact *fact = find(env, key);

	return fact ? fact->value : NULL;
}

static void warn(struct pm_env *env, const struct rule *rule, const char *value)
{
	struct pm_env_warning *w = &env->warnings[env->warning_count];

	if (env->warning_count == PM_ENV_WARNINGS_MAX)
		return;
	w->code = rule->code;
	w->severity = rule->severity;
	w->next = rule->next;
	snprintf(w->text, sizeof(w->text), rule->text, value);
	env->warning_count++;
}

static uint64_t digest_of(const struct pm_env *env)
{
	static const char *const moving[] = { "uptime_s", "load_running",
					      "cpu_mhz", "open_files", NULL };
	uint64_t digest = PM_DIGEST_START;

	for (size_t i = 0; i < env->count; i++) {
		const struct pm_fact *f = &env->facts[i];
		const char *value = f->value ? f->value : "";

		if (listed(f->key, moving))
			continue;
		digest = pm_digest(digest, f->key, strlen(f->key) + 1);
		digest = pm_digest(digest, value, strlen(value) + 1);
	}
	return digest;
}

void pm_env_judge(struct pm_env *env)
{
	env->warning_count = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct pm_fact *fact = find(env, rules[i].key);
		const char *value = fact ? fact->value : NULL;

		if (rules[i].says_so ? value && rules[i].says_so(value)
				     : fact && !value)
			warn(env, &rules[i], value);
	}
	snprintf(env->id, sizeof(env->id), "%016" PRIx64, digest_of(env));
}

enum ipc_rc pm_env_collect(struct pm_env *env, struct ipc_err *err)
{
	*env = (struct pm_env){ 0 };
	ipc_facts(pm_env_add, env);
	if (env->failed) {
		pm_env_free(env);
		return ipc_refuse(err, IPC_NOMEM, "collect facts",
				  "out of memory");
	}
	pm_env_judge(env);
	return IPC_OK;
}

void pm_env_free(struct pm_env *env)
{
	for (size_t i = 0; i < env->count; i++) {
		free(env->facts[i].key);
		free(env->facts[i].value);
		free(env->facts[i].source);
	}
	free(env->facts);
	*env = (struct pm_env){ 0 };
}
