#include "tests/support/sample_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/proc.h"
#include "ipc/sys.h"

static const struct ipc_transport transports[] = {
	{ .name = "pipe" },	     { .name = "fifo" },
	{ .name = "unix-stream" },   { .name = "unix-seqpacket" },
	{ .name = "packet" },	     { .name = "anon" },
	{ .name = "named" },	     { .name = NULL }
};
static const struct ipc_engine blocking = { .name = "blocking" };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

void sample_run_start(struct sample_run *run, unsigned arms, unsigned trials)
{
	*run = (struct sample_run){
		.plan = { .arms = arms,
			  .trials = trials,
			  .seed = 42,
			  .sets = { "", "" },
			  .clock = { .source = "tsc",
				     .rate = 2000000000,
				     .read_ns = 19.9,
				     .resolution_ns_x1000 = 500 } },
	};
}

static void set(struct pm_cell *cell, const char *settings)
{
	char name[64], value[128];
	int n;

	pm_cell_init(cell);
	for (; sscanf(settings, " %63[^=]=%127[^ ]%n", name, value, &n) == 2;
	     settings += n)
		must(!pm_cell_set(cell, name, value, "command line", NULL),
		     settings);
	must(!*settings, settings);
	pm_cell_finish(cell, NULL);
}

static void fill(struct pm_run_cell *cell, unsigned arm, const char *transport,
		 const char *settings)
{
	set(&cell->cell[arm], settings);
	for (size_t i = 0; transport && transports[i].name; i++)
		if (!strcmp(transports[i].name, transport))
			cell->pairing[arm].transport = &transports[i];
	if (transport)
		cell->pairing[arm].producer = cell->pairing[arm].consumer =
			&blocking;
}

struct pm_run_cell *sample_run_cell(struct sample_run *run,
				    const char *transport,
				    const char *settings)
{
	struct pm_plan *plan = &run->plan;
	struct pm_run_cell *cells;

	cells = realloc(plan->cells, (plan->cell_count + 1) * sizeof(*cells));
	must(cells != NULL, "out of memory");
	plan->cells = cells;
	cells += plan->cell_count++;
	memset(cells, 0, sizeof(*cells));
	fill(cells, 0, transport, settings);
	return cells;
}

void sample_run_arm_b(struct sample_run *run, const char *transport,
		      const char *settings)
{
	fill(&run->plan.cells[run->plan.cell_count - 1], 1, transport,
	     settings);
}

struct pm_trial *sample_run_trial(struct sample_run *run, const char *metric,
				  double value)
{
	struct pm_samples *s = &run->samples;
	struct pm_trial trial;

	pm_trial_init(&trial);
	trial.cell = run->plan.cell_count - 1;
	trial.slot = (unsigned)s->count;
	for (size_t i = 0; i < s->count; i++)
		trial.round += s->trials[i].cell == trial.cell;
	trial.ok = true;
	trial.phase = PM_PHASE_DONE;
	trial.err.op = "";
	if (metric) {
		must(pm_metric_find(metric) >= 0, metric);
		trial.metrics[pm_metric_find(metric)] = value;
	}
	must(!pm_samples_add(s, &trial), "out of memory");
	return &s->trials[s->count - 1];
}

void sample_run_free(struct sample_run *run)
{
	pm_samples_free(&run->samples);
	free(run->plan.cells);
}

char *sample_file_text(const char *path, size_t *length)
{
	FILE *file = ipc_file_open(path, "rb", NULL);
	size_t size = 1 << 20, used = 0, n;
	char *text = malloc(size);

	must(text != NULL, "out of memory");
	while (file && (n = fread(text + used, 1, size - used - 1, file))) {
		used += n;
		if (size - used < 2) {
			char *more = realloc(text, size *= 2);

			must(more != NULL, "out of memory");
			text = more;
		}
	}
	text[used] = '\0';
	if (length)
		*length = used;
	if (!file) {
		free(text);
		return NULL;
	}
	fclose(file);
	return text;
}

const char *sample_file_name(const char *name, char buf[256])
{
	const char *folder = getenv("TMPDIR");

	folder = folder ? folder : getenv("TEMP");
	snprintf(buf, 256, "%s/pm-%llu-%s", folder ? folder : "/tmp",
		 (unsigned long long)ipc_process_id(), name);
	return buf;
}
