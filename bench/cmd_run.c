/* pipemark run: plan, measure, keep, tell. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/cmd.h"
#include "bench/explain.h"
#include "bench/knob.h"
#include "bench/launch.h"
#include "bench/resolve.h"
#include "bench/result.h"
#include "bench/run_args.h"
#include "bench/schedule.h"
#include "bench/sentinel.h"
#include "bench/summary.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

struct run {
	struct pm_run_args  args;
	struct pm_plan      plan;
	struct pm_schedule  schedule;
	struct pm_samples   samples;
	struct pm_past      past;
	struct pm_matrix    matrix;    /* the cells' origins live in it */
	bool                resumed;
	struct pm_result   *result;
	const char         *path;      /* of the result file */
	char                path_buf[512];
	char                folder[1024];
	char               *prefix_text[2];
	const char         *prefix[2][PM_PREFIX_MAX];
	unsigned            failed, skipped;
	struct ipc_err      err;
};

/* What the process setup of a trial takes beyond its time, about. */
static uint64_t trial_overhead_ns(void)
{
	return !strcmp(ipc_host_name(), "windows") ? 60000000 : 10000000;
}

/* The matrix: preset or file, with the settings of the command line. */

static char *read_whole(const char *path, struct ipc_err *err)
{
	FILE *file = ipc_file_open(path, "rb", err);
	size_t room = 65536, have = 0;
	char *text;

	if (!file)
		return NULL;
	text = malloc(room + 1);
	while (text) {
		size_t got = fread(text + have, 1, room - have, file);
		char *bigger;

		have += got;
		if (!got)
			break;
		if (have < room)
			continue;
		bigger = have < 1 << 24 ? realloc(text, room * 2 + 1) : NULL;
		if (!bigger) {
			free(text);
			text = NULL;
			ipc_refuse(err, IPC_INVALID, path,
				   "a matrix of more than 16 MiB");
			break;
		}
		text = bigger;
		room *= 2;
	}
	fclose(file);
	if (text)
		text[have] = '\0';
	return text;
}

static enum ipc_rc build_matrix(struct run *run, struct pm_matrix *matrix)
{
	const struct pm_run_args *a = &run->args;
	const struct pm_preset *preset;
	enum ipc_rc rc;
	char *text;

	preset = a->matrix ? pm_preset_find(a->matrix) : NULL;
	if (!a->matrix || preset)
		return pm_matrix_build(preset ? preset->name : NULL,
				       preset ? preset->text : NULL,
				       a->settings, a->setting_count, matrix,
				       &run->err);
	text = read_whole(a->matrix, &run->err);
	if (!text) {
		if (run->err.rc == IPC_NOT_FOUND)
			ipc_refusef(&run->err, IPC_INVALID, "matrix",
				    "no file and no preset is called %s; "
				    "pipemark list presets", a->matrix);
		return run->err.rc;
	}
	rc = pm_matrix_build(a->matrix, text, a->settings, a->setting_count,
			     matrix, &run->err);
	free(text);
	return rc;
}

/* Plan: cells, arms, what each becomes. */

static enum ipc_rc plan_cell(struct run *run, const struct pm_cell *cell,
			     struct pm_run_cell *out)
{
	static const char *const origins[] = { "--a", "--b" };

	for (unsigned arm = 0; arm < run->plan.arms; arm++) {
		out->cell[arm] = *cell;
		if (run->plan.arms > 1 &&
		    pm_set_apply(run->plan.sets[arm], origins[arm],
				 &out->cell[arm], &run->err))
			return run->err.rc;
		if (pm_resolve(&out->cell[arm], &out->pairing[arm],
			       &out->skip[arm]))
			run->skipped += !arm || out->skip[0].rc == IPC_OK;
	}
	return IPC_OK;
}

static enum ipc_rc plan_cells(struct run *run, const struct pm_cell *cells,
			      size_t count)
{
	struct pm_plan *plan = &run->plan;

	plan->cells = calloc(count + 1, sizeof(*plan->cells));
	if (!plan->cells)
		return ipc_refuse(&run->err, IPC_NOMEM, "malloc", "cells");
	for (size_t i = 0; i < count; i++)
		if (plan_cell(run, &cells[i], &plan->cells[plan->cell_count++]))
			return run->err.rc;
	return IPC_OK;
}

static enum ipc_rc plan_fresh(struct run *run)
{
	const struct pm_run_args *a = &run->args;
	enum ipc_rc rc;

	run->plan.arms = a->set[1] ? 2 : 1;
	run->plan.sets[0] = a->set[0] ? a->set[0] : "";
	run->plan.sets[1] = a->set[1] ? a->set[1] : "";
	run->plan.trials = a->trials;
	run->plan.seed = a->seed;
	if (!a->seed_given && ipc_random(&run->plan.seed,
					 sizeof(run->plan.seed), &run->err))
		return run->err.rc;
	/* Kept below 2^53, so that every JSON reader sees the same number. */
	run->plan.seed &= (UINT64_C(1) << 53) - 1;
	rc = build_matrix(run, &run->matrix);
	if (!rc)
		rc = plan_cells(run, run->matrix.cells, run->matrix.count);
	if (!rc && a->sentinels)
		rc = pm_plan_sentinels(&run->plan, a->sentinels, &run->err);
	return rc;
}

/* An earlier file says what is to be done; this machine, what can be. */
static enum ipc_rc plan_resumed(struct run *run)
{
	struct pm_plan *plan = &run->plan;

	if (run->args.matrix || run->args.setting_count || run->args.set[1])
		return ipc_refuse(&run->err, IPC_INVALID, "--resume",
				  "the file says what to measure; leave out "
				  "matrix, knobs and arms");
	if (pm_past_read(run->args.resume, &run->past, &run->err))
		return run->err.rc;
	if (strcmp(run->past.host, ipc_host_name()) != 0)
		return ipc_refusef(&run->err, IPC_INVALID, "--resume",
				   "it was begun on %s and this is %s; "
				   "--repeat FILE:LINE takes single cells "
				   "over", run->past.host, ipc_host_name());
	run->resumed = true;
	run->path = run->args.resume;
	*plan = run->past.plan;
	/* What was measured earlier counts in the summary as well. */
	for (size_t i = 0; i < run->past.done_count; i++) {
		if (pm_samples_add(&run->samples, &run->past.done[i]))
			return ipc_refuse(&run->err, IPC_NOMEM, "--resume",
					  "out of memory");
		run->failed += !run->past.done[i].ok;
	}
	for (unsigned i = 0; i < plan->cell_count; i++) {
		struct pm_run_cell *c = &plan->cells[i];
		bool skipped = false;

		for (unsigned arm = 0; arm < plan->arms; arm++)
			skipped |= pm_resolve(&c->cell[arm], &c->pairing[arm],
					      &c->skip[arm]) != IPC_OK;
		run->skipped += skipped;
	}
	return IPC_OK;
}

/* --repeat FILE:LINE: the cell of that line, as it was. */
static enum ipc_rc plan_repeat(struct run *run)
{
	const char *colon = strrchr(run->args.repeat, ':');
	char path[512];
	char *end;
	unsigned long line;
	unsigned arm;

	line = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (!line || *end)
		return ipc_refuse(&run->err, IPC_INVALID, "--repeat",
				  "write FILE:LINE, the line of a cell or a "
				  "trial in a result file");
	snprintf(path, sizeof(path), "%.*s", (int)(colon - run->args.repeat),
		 run->args.repeat);
	if (pm_past_read(path, &run->past, &run->err))
		return run->err.rc;
	if (line >= run->past.line_cell_count ||
	    run->past.line_cell[line] == UINT_MAX)
		return ipc_refusef(&run->err, IPC_INVALID, "--repeat",
				   "line %lu of %s speaks of no cell", line,
				   path);
	run->plan.arms = 1;
	run->plan.sets[0] = run->plan.sets[1] = "";
	run->plan.trials = run->args.trials;
	run->plan.seed = run->args.seed;
	arm = run->past.line_arm[line] == 'b';
	return plan_cells(run, &run->past.plan.cells[run->past.line_cell[line]]
				       .cell[arm], 1);
}

static uint64_t round_ns(const struct run *run)
{
	const struct pm_plan *plan = &run->plan;
	uint64_t sum = 0;

	for (unsigned i = 0; i < plan->cell_count; i++)
		for (unsigned arm = 0; arm < plan->arms; arm++) {
			const struct pm_config *c =
				&plan->cells[i].cell[arm].config;

			if (plan->cells[i].skip[arm].rc == IPC_OK)
				sum += c->time + c->warmup +
				       trial_overhead_ns();
		}
	return sum;
}

static void fit_budget(struct run *run)
{
	uint64_t one = round_ns(run);

	if (!run->args.budget_ns || !one)
		return;
	run->plan.trials = (unsigned)(run->args.budget_ns / one);
	if (!run->plan.trials)
		run->plan.trials = 1;
}

static enum ipc_rc make_plan(struct run *run)
{
	enum ipc_rc rc;

	if (run->args.resume)
		rc = plan_resumed(run);
	else if (run->args.repeat)
		rc = plan_repeat(run);
	else
		rc = plan_fresh(run);
	if (rc)
		return rc;
	if (!run->resumed)
		fit_budget(run);
	return pm_schedule_make(&run->plan, &run->schedule, &run->err);
}

/* Where the result goes. */

static void default_path(struct run *run)
{
	time_t now = (time_t)(ipc_wall_ns() / 1000000000u);
	char node[64], utc[32];

	strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", gmtime(&now));
	snprintf(run->path_buf, sizeof(run->path_buf), "pipemark-%s-%s.jsonl",
		 ipc_node_name(node, sizeof(node)), utc);
	run->path = run->path_buf;
}

static enum ipc_rc open_result(struct run *run)
{
	if (run->resumed)
		return pm_result_resume(run->path, &run->past, &run->result,
					&run->err);
	run->path = run->args.out;
	if (!run->path)
		default_path(run);
	return pm_result_create(run->path, &run->plan, &run->result,
				&run->err);
}

/* A prefix is words, separated by spaces. */
static enum ipc_rc split_prefix(struct run *run, unsigned arm)
{
	const char *text = run->args.exec[arm] ? run->args.exec[arm]
					       : run->args.exec_both;
	unsigned count = 0;
	char *word;

	if (!text)
		return IPC_OK;
	run->prefix_text[arm] = malloc(strlen(text) + 1);
	if (!run->prefix_text[arm])
		return ipc_refuse(&run->err, IPC_NOMEM, "malloc", "--exec");
	strcpy(run->prefix_text[arm], text);
	for (word = strtok(run->prefix_text[arm], " "); word;
	     word = strtok(NULL, " ")) {
		if (count + 1 == PM_PREFIX_MAX)
			return ipc_refuse(&run->err, IPC_INVALID, "--exec",
					  "more than 31 words");
		run->prefix[arm][count++] = word;
	}
	return IPC_OK;
}

/* Measuring. */

static bool was_done(const struct run *run, const struct pm_turn *turn)
{
	for (size_t i = 0; i < run->past.done_count; i++)
		if (run->past.done[i].cell == turn->cell &&
		    run->past.done[i].round == turn->round &&
		    run->past.done[i].arm == turn->arm)
			return true;
	return false;
}

static enum ipc_rc measure(struct run *run, const struct pm_turn *turn)
{
	const struct pm_run_cell *c = &run->plan.cells[turn->cell];
	unsigned arm = turn->arm == 'b';
	unsigned prefix = c->sentinel ? 0 : arm;
	bool delayed = arm == run->plan.arms - 1 && !c->sentinel &&
		       (run->args.delay_cell == UINT_MAX ||
			run->args.delay_cell == turn->cell);
	struct pm_launch launch = {
		.cell = &c->cell[arm],
		.pairing = &c->pairing[arm],
		.clock = &run->plan.clock,
		.folder = run->folder,
		.prefix = run->prefix[prefix][0] ? run->prefix[prefix] : NULL,
		.timeout_ns = run->args.timeout_ns,
		.delay_ns = delayed ? run->args.delay_ns : 0,
	};
	struct pm_trial trial;
	enum ipc_rc rc;

	pm_trial_init(&trial);
	trial.cell = turn->cell;
	trial.round = turn->round;
	trial.slot = turn->slot;
	trial.pair = turn->pair;
	trial.arm = turn->arm;
	rc = ipc_random(&launch.token, sizeof(launch.token), &run->err);
	if (!rc)
		pm_launch(&launch, &trial);
	/* What an interrupt cut short is no measurement. */
	if (!rc && !ipc_interrupted()) {
		rc = pm_result_trial(run->result, &run->plan, &trial,
				     &run->err);
		run->failed += !trial.ok;
		if (!rc)
			rc = pm_samples_add(&run->samples, &trial);
	}
	pm_trial_free(&trial);
	return rc;
}

/* Once a round: has the machine moved? */
static enum ipc_rc sing(struct run *run, unsigned round, unsigned *last)
{
	struct pm_canary canary;

	if (round == *last)
		return IPC_OK;
	*last = round;
	pm_canary_sing(&run->plan.clock, &canary);
	return pm_result_canary(run->result, round, &canary, &run->err);
}

static enum ipc_rc measure_all(struct run *run)
{
	struct pm_progress progress;
	unsigned left = run->schedule.count - (unsigned)run->past.done_count;
	unsigned last_round = UINT_MAX;
	enum ipc_rc rc = IPC_OK;

	pm_progress_start(&progress, stderr, left, run->args.quiet);
	for (unsigned i = 0; !rc && i < run->schedule.count; i++) {
		const struct pm_turn *turn = &run->schedule.turns[i];

		if (ipc_interrupted())
			break;
		if (run->resumed && was_done(run, turn))
			continue;
		rc = sing(run, turn->round, &last_round);
		if (rc)
			break;
		pm_progress_step(&progress,
				 run->plan.cells[turn->cell].cell[0].id);
		rc = measure(run, turn);
	}
	pm_progress_end(&progress);
	return rc;
}

/* Telling. */

static void say_plan(const struct run *run)
{
	char time[PM_VALUE_MAX];
	uint64_t seconds = round_ns(run) * run->plan.trials / 1000000000u;
	unsigned cells = run->plan.cell_count - run->skipped;

	if (run->args.quiet)
		return;
	fprintf(stderr, "%u cell%s x %u trial%s%s: about %s%s", cells,
		cells == 1 ? "" : "s", run->plan.trials,
		run->plan.trials == 1 ? "" : "s",
		run->plan.arms > 1 ? " x 2 arms" : "",
		pm_print_u64(seconds ? seconds * 1000000000u : 1000000000u,
			     UNIT_NS, time),
		ipc_wine() ? ", under Wine" : "");
	if (run->skipped)
		fprintf(stderr, "; %u skipped", run->skipped);
	fprintf(stderr, "\n");
}

static void explain_all(const struct run *run)
{
	char text[512];

	for (unsigned i = 0; i < run->plan.cell_count; i++)
		for (unsigned arm = 0; arm < run->plan.arms; arm++) {
			const struct pm_run_cell *c = &run->plan.cells[i];

			if (c->skip[arm].rc == IPC_OK)
				pm_explain(stdout, &c->cell[arm],
					   &c->pairing[arm]);
			else
				printf("%s\n  skipped: %s\n", c->cell[arm].id,
				       ipc_err_text(&c->skip[arm], text,
						    sizeof(text)));
		}
}

static int complain(const struct run *run, int status)
{
	char text[512];

	fprintf(stderr, "pipemark run: %s\n",
		ipc_err_text(&run->err, text, sizeof(text)));
	return status;
}

static int nothing_to_measure(const struct run *run)
{
	char text[512];

	if (!run->plan.cell_count) {
		fprintf(stderr, "pipemark run: the matrix has no cell\n");
		return PM_STATUS_REQUEST;
	}
	for (unsigned arm = 0; arm < run->plan.arms; arm++) {
		const struct ipc_err *skip = &run->plan.cells[0].skip[arm];

		if (skip->rc == IPC_OK)
			continue;
		fprintf(stderr, "pipemark run: %s\n",
			ipc_err_text(skip, text, sizeof(text)));
		if (run->plan.cell_count > 1)
			fprintf(stderr, "(and %u more cells that cannot be "
				"measured here)\n", run->plan.cell_count - 1);
		/* A contradiction is the request's fault, not the machine's. */
		return skip->rc == IPC_INVALID ? PM_STATUS_REQUEST : PM_STATUS_CANNOT;
	}
	return PM_STATUS_CANNOT;
}

static int finish(struct run *run, enum ipc_rc rc)
{
	bool interrupted = ipc_interrupted();
	int status = run->failed ? PM_STATUS_FAILED : PM_STATUS_OK;
	char id[32];

	if (rc) {
		complain(run, 0);
		status = PM_STATUS_FAILED;
	}
	snprintf(id, sizeof(id), "%s", pm_result_id(run->result));
	if (pm_result_finish(run->result, interrupted, &run->err))
		status = complain(run, PM_STATUS_FAILED);
	if (run->args.csv &&
	    pm_csv_write(run->args.csv, &run->plan, &run->samples, id,
			 &run->err))
		status = complain(run, PM_STATUS_FAILED);
	if (!run->args.quiet) {
		pm_summary_print(stdout, &run->plan, &run->samples,
				 ipc_terminal_width(stdout),
				 pm_color_wanted(stdout));
		printf("result: %s\n", run->path);
		if (run->args.csv)
			printf("csv:    %s\n", run->args.csv);
		printf("next:   pipemark plot %s\n", run->path);
	}
	if (status == PM_STATUS_OK && run->args.strict && run->skipped)
		status = PM_STATUS_CANNOT;
	return interrupted ? PM_STATUS_INTERRUPTED : status;
}

static int run_plan(struct run *run)
{
	enum ipc_rc rc;

	if (run->args.explain) {
		explain_all(run);
		return PM_STATUS_OK;
	}
	if (!run->schedule.count)
		return nothing_to_measure(run);
	if (ipc_program_folder(run->folder, sizeof(run->folder), &run->err) ||
	    split_prefix(run, 0) || split_prefix(run, 1))
		return complain(run, PM_STATUS_REQUEST);
	if (ipc_clock_measure(&run->plan.clock, &run->err))
		return complain(run, PM_STATUS_CANNOT);
	if (open_result(run))
		return complain(run, PM_STATUS_REQUEST);
	say_plan(run);
	ipc_interrupt_catch();
	rc = measure_all(run);
	return finish(run, rc);
}

static void free_run(struct run *run)
{
	pm_schedule_free(&run->schedule);
	pm_samples_free(&run->samples);
	if (!run->resumed)
		free(run->plan.cells);
	pm_past_free(&run->past);
	pm_matrix_free(&run->matrix);
	pm_run_args_free(&run->args);
	free(run->prefix_text[0]);
	free(run->prefix_text[1]);
}

int pm_cmd_run(int argc, char **argv)
{
	static struct run run; /* large, and one a process */
	int status;

	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(pm_run_usage, stdout);
			return PM_STATUS_OK;
		}
	if (pm_run_args_parse(argc - 1, argv + 1, &run.args, &run.err) ||
	    (run.plan.argc = argc, run.plan.argv = argv, make_plan(&run)))
		status = complain(&run, PM_STATUS_REQUEST);
	else
		status = run_plan(&run);
	free_run(&run);
	return status;
}
