/* pipemark stress: break it, and say what broke. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/knob.h"
#include "bench/msg.h"
#include "bench/stress_agent.h"
#include "bench/stress_record.h"
#include "bench/suggest.h"
#include "bench/text.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

enum { STRESSORS_MAX = 64 };
#define SECOND_NS UINT64_C(1000000000)

const char pm_stress_usage[] =
"usage: pipemark stress [options]\n"
"\n"
"Break it: rounds of every stressor, with real processes, until the time is\n"
"over and each has done its least.\n"
"\n"
"  --time TIME      all stressors together (60s)\n"
"  --seed N         what is drawn; the same seed draws the same\n"
"  --only NAME,...  these stressors; may be said several times\n"
"  --round N        round N of it and nothing else\n"
"  --list           the stressors, and why one cannot run here\n"
"  -o FILE          result file (pipemark-stress-HOST-UTC.jsonl)\n"
"  --quiet          no progress, no table\n";

struct session {
	uint64_t          time_ns, seed, only_round;
	bool              has_round, list, quiet, few;
	const char       *only[STRESSORS_MAX];
	size_t            only_count;
	const char       *out, *plant;
	char              path[PM_RESULT_PATH_MAX], folder[1024];
	struct pm_plan    plan;
	struct pm_stress  stress[STRESSORS_MAX];
	struct pm_stressor changed[STRESSORS_MAX]; /* tests: never enough */
	size_t            count;
	uint64_t          start_ns;
	struct pm_result *result;
	struct ipc_err    err;
};

/* Arguments. */

static bool is_wanted(const struct session *x, const char *name)
{
	for (size_t i = 0; i < x->only_count; i++)
		if (!strcmp(x->only[i], name))
			return true;
	return !x->only_count;
}

static enum ipc_rc refuse_name(struct session *x, const char *name)
{
	struct pm_suggest s;
	const char *best;

	pm_suggest_start(&s, name);
	for (size_t i = 0; pm_stressors[i].name; i++)
		pm_suggest_offer(&s, pm_stressors[i].name);
	best = pm_suggest_best(&s);
	return ipc_refusef(&x->err, IPC_INVALID, "--only",
			   best ? "no stressor is called %s; did you mean %s?"
				: "no stressor is called %s%s; pipemark stress "
				  "--list names them", name, best ? best : "");
}

/* A name, or some with commas between them; each counts once. */
static enum ipc_rc set_only(struct session *x, const char *names)
{
	const struct pm_stressor *it;
	char name[64];
	size_t length;

	do {
		names += strspn(names, " ");
		length = strcspn(names, ",");
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		it = pm_stressor_find(name);
		if (!it || x->only_count == STRESSORS_MAX)
			return refuse_name(x, name);
		if (!x->only_count || !is_wanted(x, name))
			x->only[x->only_count++] = it->name;
		names += length;
	} while (*names++);
	return IPC_OK;
}

static enum ipc_rc set_number(struct session *x, const char *name,
			      const char *text, uint64_t *out)
{
	char *end;

	*out = strtoull(text, &end, 10);
	if (!*text || *end || *text == '-')
		return ipc_refusef(&x->err, IPC_INVALID, name,
				   "%s is no number", text);
	return IPC_OK;
}

static enum ipc_rc set_option(struct session *x, const char *name,
			      const char *value)
{
	if (!strcmp(name, "--time"))
		return pm_parse_u64(value, UNIT_NS, &x->time_ns, &x->err);
	if (!strcmp(name, "--seed"))
		return set_number(x, name, value, &x->seed);
	if (!strcmp(name, "--round")) {
		x->has_round = true;
		return set_number(x, name, value, &x->only_round);
	}
	if (!strcmp(name, "--only"))
		return set_only(x, value);
	if (!strcmp(name, "-o"))
		x->out = value;
	else if (!strcmp(name, "--plant")) /* tests, see bench/faulty.h */
		x->plant = value;
	else
		return ipc_refusef(&x->err, IPC_INVALID, "arguments",
				   "unknown option %s; pipemark stress --help",
				   name);
	return IPC_OK;
}

static enum ipc_rc parse(struct session *x, int argc, char **argv)
{
	enum ipc_rc rc = IPC_OK;

	for (int i = 1; !rc && i < argc; i++) {
		if (!strcmp(argv[i], "--list"))
			x->list = true;
		else if (!strcmp(argv[i], "--quiet"))
			x->quiet = true;
		else if (!strcmp(argv[i], "--few")) /* tests */
			x->few = true;
		else if (i + 1 == argc)
			rc = ipc_refusef(&x->err, IPC_INVALID, "arguments",
					 "%s: no such option, or its value is "
					 "missing", argv[i]);
		else
			rc = set_option(x, argv[i], argv[i + 1]), i++;
	}
	if (!rc && x->has_round && x->only_count != 1)
		rc = ipc_refuse(&x->err, IPC_INVALID, "--round",
				"goes with one --only NAME");
	return rc;
}

/* Running. */

static void choose(struct session *x)
{
	for (const struct pm_stressor *it = pm_stressors; it->name; it++) {
		struct pm_stress *s = &x->stress[x->count];

		if (!is_wanted(x, it->name) || x->count == STRESSORS_MAX)
			continue;
		s->it = it;
		if (x->few) {
			x->changed[x->count] = *it;
			x->changed[x->count].least_ops = UINT64_MAX;
			s->it = &x->changed[x->count];
		}
		s->clock = &x->plan.clock;
		s->folder = x->folder;
		s->plant = x->plant;
		s->out = x->out;
		s->seed = x->seed;
		if (it->probe && it->probe(&s->skip) == IPC_OK)
			s->skip.rc = IPC_OK;
		x->count++;
	}
}

static struct pm_stress *least_used(struct session *x, bool hungry)
{
	struct pm_stress *best = NULL;

	for (size_t i = 0; i < x->count; i++) {
		struct pm_stress *s = &x->stress[i];

		if (s->skip.rc != IPC_OK || pm_stress_proven(s) ||
		    (hungry && pm_stress_enough(s)))
			continue;
		if (!best || s->used_ns < best->used_ns)
			best = s;
	}
	return best;
}

static void progress(const struct session *x, const struct pm_stress *s)
{
	if (x->quiet)
		return;
	fprintf(stderr, "%3" PRIu64 " s  %-14s round %" PRIu64 "\n",
		(ipc_now_ns() - x->start_ns) / SECOND_NS, s->it->name,
		s->rounds);
}

/* The time that was asked for is over, and not all have done their least. */
static void say_over(const struct session *x)
{
	size_t hungry = 0;

	for (size_t i = 0; i < x->count; i++)
		hungry += x->stress[i].skip.rc == IPC_OK &&
			  !pm_stress_enough(&x->stress[i]);
	if (!x->quiet)
		fprintf(stderr, "%3" PRIu64 " s  the time is over; stressors "
			"that still lack their least: %zu\n",
			(ipc_now_ns() - x->start_ns) / SECOND_NS, hungry);
}

/* Time goes to who had the least; then to who has not done its least. */
static void run_all(struct session *x)
{
	/* nobody takes so long but on a machine that has much else to do */
	uint64_t more = x->few ? 0 : SECOND_NS * (ipc_wine() ? 400 : 100);
	bool told_over = false;
	uint64_t told = 0;

	x->start_ns = ipc_now_ns();
	while (!ipc_interrupted()) {
		uint64_t used = ipc_now_ns() - x->start_ns;
		bool over = used >= x->time_ns;
		struct pm_stress *s = least_used(x, over);

		if (!s || used >= x->time_ns + more)
			break;
		if (over && !told_over)
			say_over(x);
		told_over = over;
		pm_stress_round(s, x->has_round ? x->only_round : s->rounds);
		if (x->has_round)
			break;
		if (ipc_now_ns() - told > 5 * SECOND_NS) {
			told = ipc_now_ns();
			progress(x, s);
		}
	}
}

/* Telling. */

static int complain(const struct session *x, int status)
{
	char text[512];

	fprintf(stderr, "pipemark stress: %s\n",
		ipc_err_text(&x->err, text, sizeof(text)));
	return status;
}

static int status_of(const struct session *x)
{
	int status = PM_STATUS_OK, proven = 0;

	for (size_t i = 0; i < x->count; i++) {
		enum pm_verdict v = pm_stress_verdict(&x->stress[i]);

		proven += v == PM_PASSED;
		if (v == PM_FAILED)
			return PM_STATUS_FOUND;
		if (v == PM_TOO_FEW && !x->has_round)
			status = PM_STATUS_CANNOT;
	}
	return proven || x->has_round ? status : PM_STATUS_CANNOT;
}

static int list_all(struct session *x)
{
	char text[512];

	choose(x);
	for (size_t i = 0; i < x->count; i++) {
		const struct pm_stress *s = &x->stress[i];

		pm_text_row(stdout, pm_text_width(stdout), 18, s->it->name,
			    s->it->summary);
		if (s->skip.rc != IPC_OK)
			printf("%18sskipped here: %s\n", "",
			       ipc_err_text(&s->skip, text, sizeof(text)));
	}
	return PM_STATUS_OK;
}

static int finish(struct session *x)
{
	bool interrupted = ipc_interrupted();
	int status = status_of(x);

	for (size_t i = 0; i < x->count; i++)
		if (pm_result_stress(x->result, &x->stress[i], &x->err))
			break;
	if (pm_result_finish(x->result, interrupted, &x->err))
		return complain(x, status == PM_STATUS_FOUND
				   ? status : PM_STATUS_FAILED);
	if (!x->quiet) {
		pm_stress_table(stdout, x->stress, x->count);
		printf("result: %s\n", x->out);
	}
	return interrupted && status != PM_STATUS_FOUND ? PM_STATUS_INTERRUPTED
							: status;
}

static int run_session(struct session *x, int argc, char **argv)
{
	bool named;

	x->plan.arms = 1;
	x->plan.seed = x->seed;
	x->plan.argc = argc;
	x->plan.argv = argv;
	if (ipc_program_folder(x->folder, sizeof(x->folder), &x->err) ||
	    ipc_clock_measure(&x->plan.clock, &x->err))
		return complain(x, PM_STATUS_CANNOT);
	named = !x->out;
	if (named)
		x->out = x->path;
	choose(x);
	if (named ? pm_result_create_named("pipemark-stress", x->path, &x->plan,
					   &x->result, &x->err)
		  : pm_result_create(x->out, &x->plan, &x->result, &x->err))
		return complain(x, PM_STATUS_REQUEST);
	if (!x->quiet)
		fprintf(stderr, "%zu stressor%s, seed %" PRIu64 "%s\n", x->count,
			x->count == 1 ? "" : "s", x->seed,
			ipc_wine() ? ", under Wine" : "");
	ipc_interrupt_catch();
	run_all(x);
	return finish(x);
}

int pm_cmd_stress(int argc, char **argv)
{
	static struct session session; /* large, and one a process */
	struct session *x = &session;

	if (argc > 2 && !strcmp(argv[1], "--agent"))
		return pm_agent_main(argc, argv);
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(pm_stress_usage, stdout);
			return PM_STATUS_OK;
		}
	x->time_ns = 60 * SECOND_NS;
	if (ipc_random(&x->seed, sizeof(x->seed), &x->err))
		return complain(x, PM_STATUS_CANNOT);
	x->seed %= 1000000; /* to be typed */
	if (parse(x, argc, argv))
		return complain(x, PM_STATUS_REQUEST);
	return x->list ? list_all(x) : run_session(x, argc, argv);
}
