#include <stdlib.h>
#include <string.h>

#include "bench/schedule.h"
#include "tests/support/tap.h"

enum { CELLS = 7, TRIALS = 40 };

static struct pm_run_cell cells[CELLS];

static struct pm_plan plan_of(unsigned arms, uint64_t seed)
{
	struct pm_plan plan = { .cells = cells, .cell_count = CELLS,
				.arms = arms, .trials = TRIALS, .seed = seed };

	memset(cells, 0, sizeof(cells));
	return plan;
}

static bool every_round_visits_every_cell_once(void)
{
	struct pm_plan plan = plan_of(1, 1);
	struct pm_schedule s;
	struct ipc_err err;

	cells[3].skip[0].rc = IPC_UNSUPPORTED;
	CHECK(!pm_schedule_make(&plan, &s, &err));
	CHECK_EQ(s.count, (CELLS - 1) * TRIALS);
	for (unsigned round = 0; round < TRIALS; round++) {
		unsigned seen = 0;

		for (unsigned i = 0; i < CELLS - 1; i++) {
			struct pm_turn *t = &s.turns[round * (CELLS - 1) + i];

			CHECK_EQ(t->round, round);
			CHECK_EQ(t->slot, round * (CELLS - 1) + i);
			CHECK(!(seen & 1u << t->cell));
			seen |= 1u << t->cell;
		}
		CHECK_EQ(seen, 0x77);
	}
	pm_schedule_free(&s);
	return true;
}

static bool arms_go_first_equally_often(void)
{
	struct pm_plan plan = plan_of(2, 99);
	struct pm_schedule s;
	struct ipc_err err;
	unsigned b_first = 0;

	CHECK(!pm_schedule_make(&plan, &s, &err));
	CHECK_EQ(s.count, 2 * CELLS * TRIALS);
	for (unsigned i = 0; i < s.count; i += 2) {
		CHECK_EQ(s.turns[i].cell, s.turns[i + 1].cell);
		CHECK_EQ(s.turns[i].pair, 0);
		CHECK_EQ(s.turns[i + 1].pair, 1);
		CHECK_EQ(s.turns[i].arm + s.turns[i + 1].arm, 'a' + 'b');
		b_first += s.turns[i].arm == 'b';
	}
	/* 280 fair coins: outside 100..180 once in a million. */
	CHECK(b_first > 100 && b_first < 180);
	pm_schedule_free(&s);
	return true;
}

/* Turn by turn: a turn has padding, whose bytes say nothing. */
static bool same(const struct pm_schedule *a, const struct pm_schedule *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++) {
		const struct pm_turn *x = &a->turns[i], *y = &b->turns[i];

		if (x->cell != y->cell || x->round != y->round ||
		    x->slot != y->slot || x->pair != y->pair ||
		    x->arm != y->arm)
			return false;
	}
	return a->count == b->count;
}

static bool the_seed_decides(void)
{
	struct pm_plan plan = plan_of(2, 5), other = plan_of(2, 6);
	struct pm_schedule a, b, c;
	struct ipc_err err;

	CHECK(!pm_schedule_make(&plan, &a, &err));
	CHECK(!pm_schedule_make(&plan, &b, &err));
	CHECK(!pm_schedule_make(&other, &c, &err));
	CHECK(same(&a, &b));
	CHECK(!same(&a, &c));
	pm_schedule_free(&a);
	pm_schedule_free(&b);
	pm_schedule_free(&c);
	return true;
}

/* What was measured before is not measured again, all else is. */
static bool what_is_done_is_marked(void)
{
	struct pm_plan plan = plan_of(2, 5);
	struct pm_trial done[4] = { { .cell = 1, .round = 0, .arm = 'b' },
				    { .cell = 0, .round = 2, .arm = 'a' },
				    { .cell = 0, .round = 2, .arm = 'a' },
				    { .cell = 0, .round = 9999, .arm = 'a' } };
	struct pm_schedule s;
	struct ipc_err err;
	unsigned marked = 0;

	CHECK(!pm_schedule_make(&plan, &s, &err));
	for (unsigned i = 0; i < s.count; i++)
		CHECK(!s.turns[i].done);
	CHECK(!pm_schedule_mark(&s, &plan, done, 4, &err));
	for (unsigned i = 0; i < s.count; i++) {
		const struct pm_turn *t = &s.turns[i];
		bool expected = (t->cell == 1 && !t->round && t->arm == 'b') ||
				(!t->cell && t->round == 2 && t->arm == 'a');

		CHECK_EQ(t->done, expected);
		marked += t->done;
	}
	CHECK_EQ(marked, 2);
	pm_schedule_free(&s);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(every_round_visits_every_cell_once);
	TEST(arms_go_first_equally_often);
	TEST(the_seed_decides);
	TEST(what_is_done_is_marked);
	return tap_done();
}
