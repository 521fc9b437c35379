#include "bench/sentinel.h"

#include <stdlib.h>

static bool measurable(const struct pm_run_cell *c)
{
	return c->skip[0].rc == IPC_OK && c->skip[1].rc == IPC_OK;
}

/* The nth cell that can be measured; there is one. */
static const struct pm_run_cell *nth(const struct pm_plan *plan, unsigned n)
{
	for (unsigned i = 0;; i++)
		if (measurable(&plan->cells[i]) && !n--)
			return &plan->cells[i];
}

static struct pm_run_cell twin(const struct pm_run_cell *of)
{
	struct pm_run_cell c = *of;

	c.cell[1] = c.cell[0];
	c.pairing[1] = c.pairing[0];
	c.sentinel = true;
	return c;
}

enum ipc_rc pm_plan_sentinels(struct pm_plan *plan, unsigned count,
			      struct ipc_err *err)
{
	unsigned cells = plan->cell_count, usable = 0;
	struct pm_run_cell *grown;

	for (unsigned i = 0; i < cells; i++)
		usable += measurable(&plan->cells[i]);
	if (count > usable)
		count = usable;
	if (!count)
		return IPC_OK;
	grown = realloc(plan->cells, (cells + count) * sizeof(*grown));
	if (!grown)
		return ipc_refuse(err, IPC_NOMEM, "malloc", "sentinels");
	plan->cells = grown;
	for (unsigned i = 0; i < count; i++)
		grown[plan->cell_count++] =
			twin(nth(plan, (2 * i + 1) * usable / (2 * count)));
	return IPC_OK;
}
