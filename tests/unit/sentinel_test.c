#include <stdlib.h>
#include <string.h>

#include "bench/sentinel.h"
#include "tests/support/tap.h"

enum { CELLS = 5 };

static struct pm_plan plan_of(void)
{
	struct pm_plan plan = { .cell_count = CELLS, .arms = 2, .trials = 1 };

	plan.cells = calloc(CELLS, sizeof(*plan.cells));
	for (unsigned i = 0; plan.cells && i < CELLS; i++) {
		struct pm_run_cell *c = &plan.cells[i];

		c->cell[0].id[0] = (char)('a' + i);
		c->cell[1].id[0] = (char)('A' + i);
	}
	return plan;
}

static bool both_arms_are_the_first(void)
{
	struct pm_plan plan = plan_of();
	struct ipc_err err;

	CHECK(plan.cells && !pm_plan_sentinels(&plan, 2, &err));
	CHECK_EQ(plan.cell_count, CELLS + 2);
	for (unsigned i = 0; i < CELLS; i++)
		CHECK(!plan.cells[i].sentinel);
	for (unsigned i = CELLS; i < plan.cell_count; i++) {
		struct pm_run_cell *c = &plan.cells[i];

		CHECK(c->sentinel);
		CHECK(!strcmp(c->cell[0].id, c->cell[1].id));
	}
	CHECK(!strcmp(plan.cells[CELLS].cell[0].id, "b"));
	CHECK(!strcmp(plan.cells[CELLS + 1].cell[0].id, "d"));
	free(plan.cells);
	return true;
}

static bool skipped_cells_are_no_sentinels(void)
{
	struct pm_plan plan = plan_of();
	struct ipc_err err;

	CHECK(plan.cells);
	for (unsigned i = 0; i < CELLS; i++)
		if (i != 2)
			plan.cells[i].skip[i & 1].rc = IPC_UNSUPPORTED;
	CHECK(!pm_plan_sentinels(&plan, 4, &err));
	CHECK_EQ(plan.cell_count, CELLS + 1);
	CHECK(!strcmp(plan.cells[CELLS].cell[1].id, "c"));
	plan.cells[2].skip[0].rc = IPC_UNSUPPORTED;
	plan.cell_count = CELLS;
	CHECK(!pm_plan_sentinels(&plan, 4, &err));
	CHECK_EQ(plan.cell_count, CELLS);
	free(plan.cells);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(both_arms_are_the_first);
	TEST(skipped_cells_are_no_sentinels);
	return tap_done();
}
