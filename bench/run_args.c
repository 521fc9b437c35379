#include "bench/run_args.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/suggest.h"
#include "bench/sweep.h"

const char pm_run_usage[] =
"usage: pipemark run [MATRIX|PRESET] [--KNOB VALUE[,VALUE]...]... [options]\n"
"\n"
"Measure every combination of the values, each several times, interleaved.\n"
"\n"
"  MATRIX             a matrix file, or a preset (pipemark list presets)\n"
"  --trials N         launches of each cell (10)\n"
"  --budget TIME      so many trials as fit into this time\n"
"  --a SET --b SET    two arms: each visit is a pair, as in --b \"kind=named\"\n"
"  --sentinels N      with --a and --b: N cells also run against themselves\n"
"  --sweep-rate LOW..HIGH, or a list: paced at rising rates; where the knee is\n"
"  --p99-below TIME   ..., and the highest rate that stays below it (1ms)\n"
"  --exec PREFIX      command in front of both programs; also --a-exec, --b-exec\n"
"  -o FILE            result file (pipemark-HOST-UTC.jsonl); never overwritten\n"
"  --csv FILE         samples.csv as well\n"
"  --resume FILE      go on with an interrupted run\n"
"  --repeat FILE:LINE measure the cell of that line again\n"
"  --explain          say what each cell would do, measure nothing\n"
"  --timeout TIME     longest a trial may take (time + warmup + 10s)\n"
"  --seed N           order of the trials\n"
"  --strict           a skipped cell or a warning, of a trial or about this\n"
"                     machine, is a failure (exit 3)\n"
"  --quiet            no progress, no table\n"
"\n"
"Knobs: pipemark help knobs\n";

/* Options that are no knobs: a name, and where its value goes. */
enum kind { TEXT, SWITCH, NUMBER, TIME, DELAY };
struct option {
	const char *name;
	enum kind   kind;
	size_t      offset;
};
#define AT(field) offsetof(struct pm_run_args, field)
static const struct option options[] = {
	{ "a", TEXT, AT(set[0]) },
	{ "a-exec", TEXT, AT(exec[0]) },
	{ "b", TEXT, AT(set[1]) },
	{ "b-exec", TEXT, AT(exec[1]) },
	{ "budget", TIME, AT(budget_ns) },
	{ "csv", TEXT, AT(csv) },
	{ "exec", TEXT, AT(exec_both) },
	{ "explain", SWITCH, AT(explain) },
	{ "inject-delay", DELAY, AT(delay_ns) },
	{ "kill", TEXT, AT(kill) },
	{ "output", TEXT, AT(out) },
	{ "p99-below", TIME, AT(p99_below_ns) },
	{ "quiet", SWITCH, AT(quiet) },
	{ "repeat", TEXT, AT(repeat) },
	{ "resume", TEXT, AT(resume) },
	{ "seed", NUMBER, AT(seed) },
	{ "sentinels", NUMBER, AT(sentinels) },
	{ "strict", SWITCH, AT(strict) },
	{ "sweep-rate", TEXT, AT(sweep) },
	{ "timeout", TIME, AT(timeout_ns) },
	{ "trials", NUMBER, AT(trials) },
	{ NULL, TEXT, 0 }
};

static const struct option *find(const char *name)
{
	for (const struct option *o = options; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

static enum ipc_rc unknown(const char *name, struct ipc_err *err)
{
	struct pm_suggest s;
	const char *best;

	pm_suggest_start(&s, name);
	for (size_t i = 0; i < pm_knob_count; i++)
		pm_suggest_offer(&s, pm_knobs[i].name);
	for (const struct option *o = options; o->name; o++)
		pm_suggest_offer(&s, o->name);
	best = pm_suggest_best(&s);
	return ipc_refusef(err, IPC_INVALID, "command line",
			   best ? "unknown option --%s; did you mean --%s?"
				: "unknown option --%s; pipemark help run and "
				  "pipemark help knobs list them", name, best);
}

static enum ipc_rc number(const char *name, const char *text, uint64_t most,
			  uint64_t *out, struct ipc_err *err)
{
	if (pm_parse_u64(text, UNIT_COUNT, out, err) || *out > most)
		return ipc_refusef(err, IPC_INVALID, "command line",
				   "--%s %s: write a number up to %llu", name,
				   text, (unsigned long long)most);
	return IPC_OK;
}

/* "3us", or "3us@4" for cell 4 alone. */
static enum ipc_rc delay(const char *text, struct pm_run_args *args,
			 struct ipc_err *err)
{
	const char *at = strchr(text, '@');
	char time[32];
	uint64_t cell = UINT_MAX;

	snprintf(time, sizeof(time), "%.*s",
		 at ? (int)(at - text) : (int)sizeof(time) - 1, text);
	if (at && number("inject-delay", at + 1, UINT_MAX, &cell, err))
		return err->rc;
	args->delay_cell = (unsigned)cell;
	return pm_parse_u64(time, UNIT_NS, &args->delay_ns, err);
}

static enum ipc_rc set_option(const struct option *o, const char *value,
			      struct pm_run_args *args, struct ipc_err *err)
{
	char *place = (char *)args + o->offset;
	uint64_t trials;

	switch (o->kind) {
	case TEXT:
		*(const char **)place = value;
		return IPC_OK;
	case SWITCH:
		*(bool *)place = true;
		return IPC_OK;
	case TIME:
		if (!pm_parse_u64(value, UNIT_NS, (uint64_t *)place, err))
			return IPC_OK;
		err->op = o->name; /* the parser knows the value only */
		return err->rc;
	case DELAY:
		return delay(value, args, err);
	case NUMBER:
		break;
	}
	if (!strcmp(o->name, "seed")) {
		args->seed_given = true;
		return number(o->name, value, UINT64_MAX, &args->seed, err);
	}
	if (number(o->name, value, 100000, &trials, err))
		return err->rc;
	if (!strcmp(o->name, "sentinels")) {
		args->sentinels = (unsigned)trials;
		return IPC_OK;
	}
	args->trials = (unsigned)trials;
	args->trials_given = true;
	if (!trials)
		return ipc_refuse(err, IPC_INVALID, "command line",
				  "--trials 0 measures nothing");
	return IPC_OK;
}

static enum ipc_rc set_knob(const struct knob *knob, const char *value,
			    struct pm_run_args *args, struct ipc_err *err)
{
	if (!value)
		return ipc_refusef(err, IPC_INVALID, "command line",
				   "--%s needs a value", knob->name);
	args->settings[args->setting_count++] =
		(struct pm_setting){ knob->name, value, "command line" };
	return IPC_OK;
}

static enum ipc_rc one(int argc, char **argv, int *i, struct pm_run_args *args,
		       struct ipc_err *err)
{
	const char *arg = !strcmp(argv[*i], "-o") ? "--output" : argv[*i];
	const char *equals = strchr(arg, '='), *value;
	const struct knob *knob;
	const struct option *o;
	char name[64];

	if (strncmp(arg, "--", 2)) {
		if (arg[0] == '-')
			return unknown(arg + 1, err);
		if (args->matrix)
			return ipc_refusef(err, IPC_INVALID, "command line",
					   "two matrices, %s and %s; one run "
					   "takes one", args->matrix, arg);
		args->matrix = arg;
		return IPC_OK;
	}
	knob = pm_knob_option(argc, argv, i, &value);
	if (knob)
		return set_knob(knob, value, args, err);
	snprintf(name, sizeof(name), "%.*s",
		 equals ? (int)(equals - arg - 2) : (int)sizeof(name) - 1,
		 arg + 2);
	o = find(name);
	if (!o)
		return unknown(name, err);
	if (o->kind == SWITCH && equals)
		return ipc_refusef(err, IPC_INVALID, "command line",
				   "--%s takes no value", name);
	if (o->kind == SWITCH)
		return set_option(o, NULL, args, err);
	if (!equals && ++*i == argc)
		return ipc_refusef(err, IPC_INVALID, "command line",
				   "--%s needs a value", name);
	return set_option(o, equals ? equals + 1 : argv[*i], args, err);
}

/* The workload and its rates, as if they had been typed. */
static enum ipc_rc sweep(struct pm_run_args *args, struct ipc_err *err)
{
	static const char origin[] = "--sweep-rate";

	for (size_t i = 0; i < args->setting_count; i++)
		if (!strcmp(args->settings[i].name, "rate"))
			return ipc_refuse(err, IPC_INVALID, "command line",
					  "--rate and --sweep-rate; one of the "
					  "two says the rates");
	args->sweep_text = malloc(PM_SWEEP_TEXT_MAX);
	if (!args->sweep_text)
		return ipc_refuse(err, IPC_NOMEM, "malloc", origin);
	if (pm_sweep_rates(args->sweep, args->sweep_text, err))
		return err->rc;
	args->settings[args->setting_count++] =
		(struct pm_setting){ "workload", "paced", origin };
	args->settings[args->setting_count++] =
		(struct pm_setting){ "rate", args->sweep_text, origin };
	return IPC_OK;
}

enum ipc_rc pm_run_args_parse(int argc, char **argv, struct pm_run_args *args,
			      struct ipc_err *err)
{
	memset(args, 0, sizeof(*args));
	args->trials = 10;
	args->delay_cell = UINT_MAX;
	args->settings = calloc((size_t)argc + 2, sizeof(*args->settings));
	if (!args->settings)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "arguments");
	for (int i = 0; i < argc; i++)
		if (one(argc, argv, &i, args, err))
			return err->rc;
	if (args->sweep && sweep(args, err))
		return err->rc;
	if (args->out && !strcmp(args->out, "-"))
		return ipc_refuse(err, IPC_INVALID, "command line",
				  "-o -: a result goes to a file, which --resume "
				  "and the others read");
	if ((args->exec[0] || args->exec[1]) && !args->set[0] && !args->set[1])
		args->set[1] = "";
	if (args->set[1] && !args->set[0])
		args->set[0] = "";
	if (args->set[0] && !args->set[1])
		return ipc_refuse(err, IPC_INVALID, "command line",
				  "--a without --b; an empty set is \"\"");
	if (args->sentinels && !args->set[1])
		return ipc_refuse(err, IPC_INVALID, "command line",
				  "--sentinels are for two arms, --a and --b");
	return IPC_OK;
}

void pm_run_args_free(struct pm_run_args *args)
{
	free(args->settings);
	free(args->sweep_text);
	args->sweep_text = NULL;
	args->settings = NULL;
}
