#include "bench/env.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

/* The codes that one fact leads to, "code " each. */
static const char *codes_of(const char *key, const char *value)
{
	static char codes[256];
	struct pm_env env = { 0 };

	pm_env_add(&env, key, value, value ? NULL : "absent", "test");
	pm_env_judge(&env);
	codes[0] = '\0';
	for (size_t i = 0; i < env.warning_count; i++) {
		strcat(codes, env.warnings[i].code);
		strcat(codes, " ");
	}
	pm_env_free(&env);
	return codes;
}

static bool facts_lead_to_warnings(void)
{
	static const char *const rows[][3] = {
		{ "governor", "performance", "" },
		{ "governor", "High performance", "" },
		{ "governor", "powersave", "governor " },
		{ "governor", NULL, "governor-unknown " },
		{ "clocksource", "tsc", "" },
		{ "clocksource", "hpet", "clocksource " },
		{ "clocksource", NULL, "" },
		{ "virtualization", "none", "" },
		{ "virtualization", "kvm", "virtual-machine " },
		{ "virtualization", "hyper-v", "virtual-machine " },
		{ "virtualization", "hyper-v-root", "" },
		{ "cpu_quota", "none", "" },
		{ "cpu_quota", "1.5", "cpu-quota " },
		{ "cpus_allowed", "2", "" },
		{ "cpus_allowed", "1", "few-cpus " },
		{ "hybrid", "yes", "hybrid " },
		{ "hybrid", "no", "" },
		{ "smt", "yes", "smt " },
		{ "boost", "yes", "boost " },
		{ "on_battery", "yes", "battery " },
		{ "on_battery", "no", "" },
		{ "power_throttling", "yes", "power-throttling " },
		{ "pipe_max_size", "1048576", "" },
		{ "pipe_max_size", "65536", "pipe-limits " },
		{ "pipe_max_size", "a lot", "" },
		{ "pipe_user_pages_soft", "16384", "" },
		{ "pipe_user_pages_soft", "64", "pipe-limits " },
		{ "pipe_user_pages_soft", "0", "" },
		{ "pipe_user_pages_hard", "64", "pipe-limits " },
		{ "open_files", "1024", "" },
		{ "open_files", "64", "open-files " },
		{ "wine", "wine 8.0", "wine " },
		{ "wine", NULL, "" },
		{ "something_new", "yes", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *codes = codes_of(rows[i][0], rows[i][1]);

		if (strcmp(codes, rows[i][2]) != 0)
			tap_note("%s: %s", rows[i][0], codes);
		CHECK(!strcmp(codes, rows[i][2]));
	}
	return true;
}

static bool a_warning_names_the_value(void)
{
	struct pm_env env = { 0 };

	pm_env_add(&env, "governor", "powersave", NULL, "/sys");
	pm_env_judge(&env);
	CHECK(env.warning_count == 1);
	CHECK(strstr(env.warnings[0].text, "\"powersave\""));
	CHECK(env.warnings[0].next);
	CHECK_EQ(env.warnings[0].severity, PM_SEVERITY_WARN);
	CHECK(!strcmp(pm_env_value(&env, "governor"), "powersave"));
	CHECK(!pm_env_value(&env, "boost"));
	pm_env_free(&env);
	return true;
}

static bool same_id(const char *key, const char *a, const char *b)
{
	struct pm_env x = { 0 }, y = { 0 };
	bool same;

	pm_env_add(&x, key, a, "absent", "test");
	pm_env_add(&y, key, b, "absent", "elsewhere");
	pm_env_judge(&x);
	pm_env_judge(&y);
	same = !strcmp(x.id, y.id);
	pm_env_free(&x);
	pm_env_free(&y);
	return same;
}

static bool the_id_is_of_what_stays(void)
{
	CHECK(same_id("kernel", "6.1", "6.1"));
	CHECK(!same_id("kernel", "6.1", "6.2"));
	CHECK(!same_id("kernel", "6.1", NULL));
	CHECK(same_id("uptime_s", "5", "6"));
	CHECK(same_id("load_running", "1", "7"));
	return true;
}

static bool this_machine_has_facts(void)
{
	struct pm_env env;
	struct ipc_err err;

	CHECK(!pm_env_collect(&env, &err));
	CHECK(env.count > 20 && strlen(env.id) == 16);
	for (size_t i = 0; i < env.count; i++) {
		const struct pm_fact *f = &env.facts[i];

		CHECK(f->key && f->source && (f->value || f->why));
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(env.facts[k].key, f->key) != 0);
	}
	CHECK(pm_env_value(&env, "cpus_allowed"));
	pm_env_free(&env);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(facts_lead_to_warnings);
	TEST(a_warning_names_the_value);
	TEST(the_id_is_of_what_stays);
	TEST(this_machine_has_facts);
	return tap_done();
}
