/* pipemark run: measure, keep, tell. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/env.h"
#include "bench/explain.h"
#include "bench/knob.h"
#include "bench/launch.h"
#include "bench/run.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

/* Where the result goes. */

static enum ipc_rc open_result(struct pm_run_state *run)
{
	if (run->resumed)
		return pm_result_resume(run->path, &run->past, &run->result,
					&run->err);
	run->path = run->args.out ? run->args.out : run->path_buf;
	if (!run->args.out)
		return pm_result_create_named("pipemark", run->path_buf,
					      &run->plan, &run->result,
					      &run->err);
	return pm_result_create(run->path, &run->plan, &run->result,
				&run->err);
}

/* It is written at the end: an hour later is late to learn that it cannot. */
static enum ipc_rc try_csv(struct pm_run_state *run)
{
	FILE *file;

	if (!run->args.csv)
		return IPC_OK;
	if (run->args.out && !strcmp(run->args.csv, run->args.out))
		return ipc_refuse(&run->err, IPC_INVALID, "command line",
				  "-o and --csv name the same file");
	file = ipc_file_create(run->args.csv, &run->err);
	if (!file)
		return run->err.rc;
	fclose(file);
	ipc_file_remove(run->args.csv);
	return IPC_OK;
}

/* A prefix is words, separated by spaces. */
static enum ipc_rc split_prefix(struct pm_run_state *run, unsigned arm)
{
	const char *text = run->plan.prefix[arm];
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

static enum ipc_rc measure(struct pm_run_state *run, const struct pm_turn *turn)
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
		/* The arms of a pair have the same planned times. */
		.seed = run->plan.seed + turn->round,
		.delay_ns = delayed ? run->args.delay_ns : 0,
	};
	struct pm_trial trial;
	enum ipc_rc rc;

	run->assassin.trial = &trial;
	if (run->args.kill && run->launched++ == run->assassin.in_trial)
		launch.meddler = &run->assassin.meddler;
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
static enum ipc_rc sing(struct pm_run_state *run, unsigned round, unsigned *last)
{
	struct pm_canary canary;

	if (round == *last)
		return IPC_OK;
	*last = round;
	pm_canary_sing(&run->plan.clock, &canary);
	return pm_result_canary(run->result, round, &canary, &run->err);
}

static enum ipc_rc measure_all(struct pm_run_state *run)
{
	struct pm_progress progress;
	unsigned left = 0, last_round = UINT_MAX;
	enum ipc_rc rc = IPC_OK;

	for (unsigned i = 0; i < run->schedule.count; i++)
		left += !run->schedule.turns[i].done;
	pm_progress_start(&progress, stderr, left, run->args.quiet);
	for (unsigned i = 0; !rc && i < run->schedule.count; i++) {
		const struct pm_turn *turn = &run->schedule.turns[i];

		if (ipc_interrupted())
			break;
		if (turn->done)
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

static void say_plan(const struct pm_run_state *run)
{
	char time[PM_VALUE_MAX];
	uint64_t seconds = pm_run_round_ns(run) * run->plan.trials / 1000000000u;
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

static void explain_all(const struct pm_run_state *run)
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

static int complain(const struct pm_run_state *run, int status)
{
	bool taken = run->err.rc == IPC_BUSY && run->err.os_code &&
		     !run->resumed;
	char text[512];

	fprintf(stderr, "pipemark run: %s%s\n",
		ipc_err_text(&run->err, text, sizeof(text)),
		taken ? "; what is there is never overwritten" : "");
	return status;
}

static int nothing_to_measure(const struct pm_run_state *run)
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

/* --quiet has no table that would say it. */
static void say_failures(const struct pm_run_state *run)
{
	const struct pm_trial *first = run->samples.trials;
	const struct pm_trial *end = first + run->samples.count;
	char text[512];

	while (first < end && first->ok)
		first++;
	if (first == end || !run->args.quiet)
		return;
	fprintf(stderr, "pipemark run: %u of %zu trials failed; the first one "
		"in %s, %s: %s\n", run->failed, run->samples.count,
		pm_phase_names[first->phase],
		first->err_end < 0 ? "runner" : pm_end_names[first->err_end],
		ipc_err_text(&first->err, text, sizeof(text)));
}

/* --strict: what is no failure, and yet makes the result doubtful. */
static int strict_status(const struct pm_run_state *run)
{
	unsigned trials = 0, machine = 0;
	struct pm_env env = { 0 };

	for (size_t i = 0; i < run->samples.count; i++)
		trials += run->samples.trials[i].warnings != 0;
	pm_env_collect(&env, NULL); /* without memory for it, no warnings */
	for (size_t i = 0; i < env.warning_count; i++)
		machine += env.warnings[i].severity != PM_SEVERITY_INFO;
	pm_env_free(&env);
	if (!run->skipped && !trials && !machine)
		return PM_STATUS_OK;
	fprintf(stderr, "pipemark run: --strict: cells skipped: %u, trials "
		"with a warning: %u, warnings about this machine: %u\n",
		run->skipped, trials, machine);
	return PM_STATUS_CANNOT;
}

static int finish(struct pm_run_state *run, enum ipc_rc rc)
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
		printf("next:   pipemark report %s\n", run->path);
	}
	say_failures(run);
	if (status == PM_STATUS_OK && run->args.strict)
		status = strict_status(run);
	return interrupted ? PM_STATUS_INTERRUPTED : status;
}

static int run_plan(struct pm_run_state *run)
{
	enum ipc_rc rc;

	if (run->args.explain) {
		explain_all(run);
		return PM_STATUS_OK;
	}
	if (!run->schedule.count)
		return nothing_to_measure(run);
	if ((run->args.kill && pm_assassin_hire(&run->assassin, run->args.kill,
						&run->err)) ||
	    ipc_program_folder(run->folder, sizeof(run->folder), &run->err) ||
	    split_prefix(run, 0) || split_prefix(run, 1))
		return complain(run, PM_STATUS_REQUEST);
	if (ipc_clock_measure(&run->plan.clock, &run->err))
		return complain(run, PM_STATUS_CANNOT);
	if (try_csv(run) || open_result(run))
		return complain(run, PM_STATUS_REQUEST);
	say_plan(run);
	ipc_interrupt_catch();
	rc = measure_all(run);
	return finish(run, rc);
}

int pm_cmd_run(int argc, char **argv)
{
	static struct pm_run_state run; /* large, and one a process */
	int status;

	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(pm_run_usage, stdout);
			return PM_STATUS_OK;
		}
	if (pm_run_args_parse(argc - 1, argv + 1, &run.args, &run.err) ||
	    (run.plan.argc = argc, run.plan.argv = argv, pm_run_plan(&run)))
		status = complain(&run, PM_STATUS_REQUEST);
	else
		status = run_plan(&run);
	pm_run_plan_free(&run);
	pm_samples_free(&run.samples);
	pm_run_args_free(&run.args);
	free(run.prefix_text[0]);
	free(run.prefix_text[1]);
	return status;
}
