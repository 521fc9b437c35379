/* The disk is full while results are written; with room again, it goes on. */
#include <stdio.h>
#include <string.h>

#include "bench/result.h"
#include "bench/stress_agent.h"
#include "ipc/meddle.h"
#include "ipc/sys.h"

enum { RECORDS = 40 };

enum ipc_rc pm_stress_can_fill(struct ipc_err *err)
{
	return ipc_limit_file(UINT64_MAX, err) == IPC_UNSUPPORTED
	       ? IPC_UNSUPPORTED : IPC_OK;
}

void pm_stress_disk(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	const char *const settings[] = { "workload", "stream", NULL };
	char file[1024];
	struct pm_part part = { .role = "filler", .file = file,
				.count = pm_stress_draw(s, 0, 60000) };

	snprintf(file, sizeof(file), "%s.disk", s->out);
	if (pm_stress_cell(s, PM_UNNAMED, settings, &cell))
		pm_cast(s, &cell, "", &part, 1);
	ipc_file_remove(file);
}

static void plan_of(struct pm_agent *a, struct pm_run_cell *cell,
		    struct pm_plan *plan)
{
	memset(cell, 0, sizeof(*cell));
	memset(plan, 0, sizeof(*plan));
	cell->cell[0] = a->cell.cell;
	cell->pairing[0] = a->cell.pairing;
	plan->cells = cell;
	plan->cell_count = plan->arms = 1;
	plan->trials = RECORDS;
	ipc_clock_measure(&plan->clock, NULL);
}

/* Trials from number first on; how many were written. */
static unsigned fill(struct pm_agent *a, struct pm_result *r,
		     const struct pm_plan *plan, unsigned first,
		     enum ipc_rc *rc, struct ipc_err *err)
{
	unsigned i = first;

	for (*rc = IPC_OK; i < RECORDS && !*rc; i++) {
		struct pm_trial trial;

		pm_trial_init(&trial);
		trial.ok = true;
		trial.phase = PM_PHASE_DONE;
		trial.round = i;
		trial.messages = pm_agent_draw(a, 1, 1000000);
		*rc = pm_result_trial(r, plan, &trial, err);
		pm_trial_free(&trial);
	}
	return *rc ? i - 1 - first : i - first;
}

/* A write that failed keeps failing, and says what the system said. */
static void check_full(struct pm_agent *a, struct pm_result *r,
		       const struct pm_plan *plan, const struct ipc_err *why)
{
	struct ipc_err err = { .rc = IPC_OK };
	enum ipc_rc rc;

	a->found.faults++;
	if (!why->os_code || !why->op)
		pm_agent_broken(a, "a full disk without the system's code",
				why);
	if (fill(a, r, plan, RECORDS - 1, &rc, &err) || !rc)
		pm_agent_broken(a, "after a write that failed another was "
				"made", NULL);
}

/* What the file holds; which trials, each once and in order. */
static bool look(struct pm_agent *a, unsigned wanted, struct pm_past *past)
{
	struct ipc_err err;

	if (pm_past_read(a->file, past, &err)) {
		pm_agent_broken(a, "read back", &err);
		return false;
	}
	for (size_t i = 0; i < past->done_count; i++)
		if (past->done[i].round != i)
			pm_agent_broken(a, "a trial is there twice, or out of "
					"order", NULL);
	if (past->done_count < wanted)
		a->found.lost += wanted - past->done_count;
	return true;
}

static void go_on(struct pm_agent *a, unsigned have)
{
	struct pm_past past, whole;
	struct pm_result *r;
	struct ipc_err err;
	enum ipc_rc rc;

	if (!look(a, have, &past))
		return;
	rc = pm_result_resume(a->file, &past, &r, &err);
	if (!rc) {
		a->found.ops += fill(a, r, &past.plan,
				     (unsigned)past.done_count, &rc, &err);
		if (rc)
			pm_result_close(r);
		else
			rc = pm_result_finish(r, false, &err);
	}
	pm_past_free(&past);
	if (rc) {
		pm_agent_broken(a, "resume", &err);
	} else if (look(a, RECORDS, &whole)) {
		a->found.recovered += whole.ended;
		pm_past_free(&whole);
	}
}

void pm_role_filler(struct pm_agent *a)
{
	static struct pm_run_cell cell; /* large */
	struct pm_plan plan;
	struct pm_result *r = NULL;
	struct ipc_err err;
	unsigned have = 0;
	enum ipc_rc rc;

	plan_of(a, &cell, &plan);
	ipc_file_remove(a->file);
	if (ipc_limit_file(a->count, &err))
		pm_agent_broken(a, "limit", &err);
	rc = pm_result_create(a->file, &plan, &r, &err);
	if (rc) { /* not even the head: nothing to go on from */
		a->found.faults++;
		a->found.recovered += rc == IPC_OS;
	} else {
		have = fill(a, r, &plan, 0, &rc, &err);
		a->found.ops += have;
		if (rc)
			check_full(a, r, &plan, &err);
		pm_result_close(r);
		ipc_limit_file(UINT64_MAX, NULL);
		go_on(a, have);
	}
	ipc_file_remove(a->file);
}
