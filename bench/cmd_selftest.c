/* pipemark selftest: is this system what the program takes it for? */
#include <stdio.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/json.h"
#include "ipc/selftest.h"
#include "ipc/sys.h"

const char pm_selftest_usage[] =
"usage: pipemark selftest [--json]\n"
"\n"
"Ask this machine what the program takes for granted about its pipes: what is\n"
"expected, what is seen, and whether they agree. Where Wine is known to differ\n"
"from Windows its own answer is expected. It takes some seconds, makes pipes of\n"
"its own and leaves nothing behind. Exit status 1: something was unexpected.\n"
"\n"
"  --json           the table for programs\n";

static const char *const verdicts[] = {
	[IPC_AS_EXPECTED] = "as expected",
	[IPC_AS_WINE] = "as Wine does",
	[IPC_UNEXPECTED] = "UNEXPECTED",
	[IPC_NOTED] = "noted",
	[IPC_NOT_ASKED] = "not asked",
};

enum { VERDICTS = sizeof(verdicts) / sizeof(*verdicts) };

struct tally {
	bool           as_json;
	struct pm_json json;
	unsigned       counts[VERDICTS];
};

static void tell_fact(void *user, const char *key, const char *value,
		      const char *why, const char *source)
{
	static const char *const told[] = { "os", "os_version", "kernel",
					    "wine", "cpu_model" };
	struct tally *t = user;

	(void)why;
	(void)source;
	for (size_t i = 0; value && i < sizeof(told) / sizeof(*told); i++) {
		if (strcmp(told[i], key))
			continue;
		if (t->as_json)
			pm_json_str(&t->json, key, value);
		else
			printf("%s: %s\n", key, value);
	}
}

static void tell_claim(struct tally *t, const struct ipc_claim *c,
		       const struct ipc_answer *a, enum ipc_verdict v)
{
	const char *expected = c->expected ? c->expected : "-";

	if (!t->as_json) {
		printf("%-12s  %s: expected %s, seen %s\n", verdicts[v],
		       c->about, expected, a->seen);
		fflush(stdout); /* should one of them end the program */
		return;
	}
	pm_json_open(&t->json, NULL, '{');
	pm_json_str(&t->json, "about", c->about);
	pm_json_str(&t->json, "expected", expected);
	if (c->wine)
		pm_json_str(&t->json, "wine", c->wine);
	pm_json_str(&t->json, "seen", a->seen);
	pm_json_str(&t->json, "verdict", verdicts[v]);
	pm_json_close(&t->json, '}');
}

static void ask_all(struct tally *t)
{
	for (const struct ipc_claim *c = ipc_claims; c->about; c++) {
		struct ipc_answer answer = { .seen = "no answer" };
		enum ipc_verdict v;

		c->ask(&answer);
		v = ipc_judge(c, &answer, ipc_wine());
		t->counts[v]++;
		tell_claim(t, c, &answer, v);
	}
}

static void as_text(struct tally *t)
{
	printf("pipemark %s\n", PM_VERSION);
	ipc_facts(tell_fact, t);
	putchar('\n');
	ask_all(t);
	putchar('\n');
	for (size_t v = 0; v < VERDICTS; v++)
		printf("%s%u %s", v ? ", " : "", t->counts[v], verdicts[v]);
	putchar('\n');
}

static bool as_json(struct tally *t)
{
	struct pm_json *j = &t->json;

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "pipemark", PM_VERSION);
	ipc_facts(tell_fact, t);
	pm_json_open(j, "claims", '[');
	ask_all(t);
	pm_json_close(j, ']');
	pm_json_close(j, '}');
	if (!j->failed)
		puts(j->text);
	pm_json_free(j);
	return !j->failed;
}

int pm_cmd_selftest(int argc, char **argv)
{
	struct tally t = { .as_json = false };

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			t.as_json = true;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(pm_selftest_usage, stdout);
			return PM_STATUS_OK;
		} else {
			fprintf(stderr, "pipemark selftest: %.60s: only --json "
					"is known\n", argv[i]);
			return PM_STATUS_REQUEST;
		}
	}
	if (!t.as_json)
		as_text(&t);
	else if (!as_json(&t))
		return PM_STATUS_CANNOT;
	return t.counts[IPC_UNEXPECTED] ? PM_STATUS_FOUND : PM_STATUS_OK;
}
