/* pipemark run: what to measure. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/resolve.h"
#include "bench/run.h"
#include "bench/sentinel.h"
#include "ipc/sys.h"

/* What the process setup of a trial takes beyond its time, about. */
static uint64_t trial_overhead_ns(void)
{
	return !strcmp(ipc_host_name(), "windows") ? 60000000 : 10000000;
}

/* Plan: cells, arms, what each becomes. */

static enum ipc_rc plan_cell(struct pm_run_state *run, const struct pm_cell *cell,
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

static enum ipc_rc plan_cells(struct pm_run_state *run, const struct pm_cell *cells,
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

static enum ipc_rc plan_fresh(struct pm_run_state *run)
{
	const struct pm_run_args *a = &run->args;
	enum ipc_rc rc;

	run->plan.arms = a->set[1] ? 2 : 1;
	run->plan.sets[0] = a->set[0] ? a->set[0] : "";
	run->plan.sets[1] = a->set[1] ? a->set[1] : "";
	run->plan.p99_below_ns = a->p99_below_ns;
	run->plan.trials = a->trials;
	run->plan.seed = a->seed;
	if (!a->seed_given && ipc_random(&run->plan.seed,
					 sizeof(run->plan.seed), &run->err))
		return run->err.rc;
	/* Kept below 2^53, so that every JSON reader sees the same number. */
	run->plan.seed &= (UINT64_C(1) << 53) - 1;
	rc = pm_matrix_load(a->matrix, a->settings, a->setting_count,
			    &run->matrix, &run->err);
	if (!rc)
		rc = plan_cells(run, run->matrix.cells, run->matrix.count);
	if (!rc && a->sentinels)
		rc = pm_plan_sentinels(&run->plan, a->sentinels, &run->err);
	return rc;
}

/* What stood in front of the programs, and stands in no cell. */
static void take_prefix(struct pm_run_args *now, int argc, char **argv)
{
	struct ipc_err err = { .rc = IPC_OK };
	struct pm_run_args then;

	if (argc < 1 || now->exec_both || now->exec[0] || now->exec[1])
		return;
	if (!pm_run_args_parse(argc - 1, argv + 1, &then, &err)) {
		now->exec_both = then.exec_both;
		now->exec[0] = then.exec[0];
		now->exec[1] = then.exec[1];
	}
	pm_run_args_free(&then);
}

/* An earlier file says what is to be done; this machine, what can be. */
static enum ipc_rc plan_resumed(struct pm_run_state *run)
{
	struct pm_plan *plan = &run->plan;
	const struct pm_run_args *a = &run->args;

	if (a->matrix || a->setting_count || a->set[1])
		return ipc_refuse(&run->err, IPC_INVALID, "--resume",
				  "the file says what to measure; leave out "
				  "matrix, knobs and arms");
	if (a->trials_given || a->seed_given || a->budget_ns || a->out ||
	    a->repeat)
		return ipc_refuse(&run->err, IPC_INVALID, "--resume",
				  "the run goes on as it began, in its file; "
				  "leave out --trials, --budget, --seed, "
				  "--repeat and -o");
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
	plan->p99_below_ns = a->p99_below_ns;
	take_prefix(&run->args, plan->argc, plan->argv);
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
static enum ipc_rc plan_repeat(struct pm_run_state *run)
{
	const char *colon = strrchr(run->args.repeat, ':');
	char path[512];
	char *end;
	unsigned long line;
	unsigned arm;

	if (run->args.matrix || run->args.setting_count || run->args.set[1])
		return ipc_refuse(&run->err, IPC_INVALID, "--repeat",
				  "the line says what to measure; leave out "
				  "matrix, knobs and arms");
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

uint64_t pm_run_round_ns(const struct pm_run_state *run)
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

static void fit_budget(struct pm_run_state *run)
{
	uint64_t one = pm_run_round_ns(run);

	if (!run->args.budget_ns || !one)
		return;
	run->plan.trials = (unsigned)(run->args.budget_ns / one);
	if (!run->plan.trials)
		run->plan.trials = 1;
}

enum ipc_rc pm_run_plan(struct pm_run_state *run)
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
	for (unsigned arm = 0; arm < 2; arm++)
		run->plan.prefix[arm] = run->args.exec[arm]
						? run->args.exec[arm]
						: run->args.exec_both;
	if (!run->resumed)
		fit_budget(run);
	rc = pm_schedule_make(&run->plan, &run->schedule, &run->err);
	if (!rc && run->resumed) /* --repeat measures again what was */
		rc = pm_schedule_mark(&run->schedule, &run->plan,
				      run->past.done, run->past.done_count,
				      &run->err);
	return rc;
}

void pm_run_plan_free(struct pm_run_state *run)
{
	pm_schedule_free(&run->schedule);
	if (!run->resumed)
		free(run->plan.cells);
	pm_past_free(&run->past);
	pm_matrix_free(&run->matrix);
}
