#include "bench/heat.h"

#include <string.h>

#include "ipc/mem.h"

static const struct pm_hist layout = { .sub = PM_HEAT_SUB };

enum ipc_rc pm_heat_init(struct pm_heat *heat, const struct pm_hist *of,
			 uint64_t interval_ticks, uint64_t interval_ns,
			 struct ipc_err *err)
{
	memset(heat, 0, sizeof(*heat));
	if (!interval_ticks)
		return IPC_OK;
	heat->counts = ipc_pages_alloc(PM_HEAT_ROWS * sizeof(*heat->counts),
				       err);
	if (!heat->counts)
		return IPC_NOMEM;
	heat->of = of;
	heat->interval_ticks = interval_ticks;
	heat->interval_ns = interval_ns;
	return IPC_OK;
}

void pm_heat_free(struct pm_heat *heat)
{
	ipc_pages_free(heat->counts, PM_HEAT_ROWS * sizeof(*heat->counts));
	memset(heat, 0, sizeof(*heat));
}

void pm_heat_start(struct pm_heat *heat, uint64_t now_ticks)
{
	if (!heat || !heat->interval_ticks)
		return;
	heat->rows = 0;
	heat->next_ticks = now_ticks + heat->interval_ticks;
	memset(heat->before, 0, sizeof(heat->before));
}

/* Two rows become one; the interval twice as long. */
static void fold(struct pm_heat *heat)
{
	for (unsigned row = 0; row < PM_HEAT_ROWS / 2; row++)
		for (unsigned i = 0; i < PM_HEAT_COLUMNS; i++)
			heat->counts[row][i] = heat->counts[2 * row][i] +
					       heat->counts[2 * row + 1][i];
	heat->rows = PM_HEAT_ROWS / 2;
	heat->interval_ticks *= 2;
	heat->interval_ns *= 2;
}

/* Only what lies between the smallest and the largest value is looked at. */
static void add_row(struct pm_heat *heat)
{
	const struct pm_hist *h = heat->of;
	uint32_t *row = heat->counts[heat->rows++];
	uint64_t now[PM_HEAT_COLUMNS] = { 0 };

	for (uint32_t i = h->n ? pm_hist_index(h, h->min) : h->size;
	     i < h->size && pm_hist_lower(h, i) <= h->max; i++)
		if (h->counts[i])
			now[pm_hist_index(&layout, pm_hist_lower(h, i))] +=
				h->counts[i];
	for (unsigned i = 0; i < PM_HEAT_COLUMNS; i++)
		row[i] = (uint32_t)(now[i] - heat->before[i]);
	memcpy(heat->before, now, sizeof(now));
}

/* The intervals of a stall that spans several were empty, but for the first. */
void pm_heat_step_over(struct pm_heat *heat, uint64_t now_ticks)
{
	while (now_ticks >= heat->next_ticks) {
		if (heat->rows == PM_HEAT_ROWS)
			fold(heat);
		add_row(heat);
		heat->next_ticks += heat->interval_ticks;
	}
}

void pm_heat_end(struct pm_heat *heat)
{
	if (!heat || !heat->interval_ticks)
		return;
	if (heat->rows == PM_HEAT_ROWS)
		fold(heat);
	add_row(heat);
}
