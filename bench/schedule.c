#include "bench/schedule.h"

#include <stdlib.h>

#include "bench/msg.h"

static bool measured(const struct pm_plan *plan, unsigned cell)
{
	const struct pm_run_cell *c = &plan->cells[cell];

	return c->skip[0].rc == IPC_OK &&
	       (plan->arms < 2 || c->skip[1].rc == IPC_OK);
}

static void shuffle(unsigned *order, unsigned count, uint64_t *random)
{
	for (unsigned i = count; i > 1; i--) {
		unsigned k = (unsigned)(pm_random(random) % i);
		unsigned other = order[k];

		order[k] = order[i - 1];
		order[i - 1] = other;
	}
}

static void add_visit(struct pm_schedule *s, const struct pm_plan *plan,
		      unsigned cell, unsigned round, uint64_t *random)
{
	bool b_first = pm_random(random) & 1;

	for (unsigned pair = 0; pair < plan->arms; pair++) {
		struct pm_turn *turn = &s->turns[s->count];

		turn->done = false;
		turn->cell = cell;
		turn->round = round;
		turn->slot = s->count++;
		turn->pair = pair;
		turn->arm = plan->arms > 1 && b_first == !pair ? 'b' : 'a';
	}
}

enum ipc_rc pm_schedule_make(const struct pm_plan *plan,
			     struct pm_schedule *s, struct ipc_err *err)
{
	size_t most = (size_t)plan->cell_count * plan->trials * plan->arms;
	unsigned *order = malloc((plan->cell_count + 1) * sizeof(*order));
	unsigned count = 0;
	uint64_t random = plan->seed;

	s->count = 0;
	s->turns = malloc((most + 1) * sizeof(*s->turns));
	if (!order || !s->turns) {
		free(order);
		pm_schedule_free(s);
		return ipc_refuse(err, IPC_NOMEM, "malloc", "schedule");
	}
	for (unsigned i = 0; i < plan->cell_count; i++)
		if (measured(plan, i))
			order[count++] = i;
	for (unsigned round = 0; round < plan->trials; round++) {
		shuffle(order, count, &random);
		for (unsigned i = 0; i < count; i++)
			add_visit(s, plan, order[i], round, &random);
	}
	free(order);
	return IPC_OK;
}

static size_t place(const struct pm_plan *plan, unsigned round, unsigned cell,
		    char arm)
{
	return ((size_t)round * plan->cell_count + cell) * 2 + (arm == 'b');
}

enum ipc_rc pm_schedule_mark(struct pm_schedule *s, const struct pm_plan *plan,
			     const struct pm_trial *done, size_t count,
			     struct ipc_err *err)
{
	bool *seen = calloc(place(plan, plan->trials, 0, 'a') + 1,
			    sizeof(*seen));

	if (!seen)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "schedule");
	for (size_t i = 0; i < count; i++)
		if (done[i].round < plan->trials &&
		    done[i].cell < plan->cell_count)
			seen[place(plan, done[i].round, done[i].cell,
				   done[i].arm)] = true;
	for (unsigned i = 0; i < s->count; i++)
		s->turns[i].done = seen[place(plan, s->turns[i].round,
					      s->turns[i].cell,
					      s->turns[i].arm)];
	free(seen);
	return IPC_OK;
}

void pm_schedule_free(struct pm_schedule *schedule)
{
	free(schedule->turns);
	schedule->turns = NULL;
	schedule->count = 0;
}
