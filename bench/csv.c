#include <math.h>
#include <string.h>

#include "bench/json.h"
#include "bench/knob.h"
#include "bench/summary.h"
#include "ipc/sys.h"

/* RFC 4180: quoted only where it must be. */
static void put_field(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_next(FILE *out, const char *text)
{
	putc(',', out);
	put_field(out, text ? text : "");
}

static void put_header(FILE *out)
{
	fputs("run,system,wine,cell,id,became_transport,became_producer,"
	      "became_consumer", out);
	for (size_t i = 0; i < pm_knob_count; i++)
		put_next(out, pm_knobs[i].name);
	fputs(",arm,round,slot,pair,ok,metric,unit,better,value\n", out);
}

static void put_cell(FILE *out, const struct pm_run_cell *c, unsigned arm)
{
	const struct ipc_pairing *p = &c->pairing[arm];
	const struct pm_cell *cell = &c->cell[arm];
	char buf[PM_VALUE_MAX];

	put_next(out, cell->id);
	put_next(out, p->transport ? p->transport->name : NULL);
	put_next(out, p->producer ? p->producer->name : NULL);
	put_next(out, p->consumer ? p->consumer->name : NULL);
	for (size_t i = 0; i < pm_knob_count; i++) {
		uint64_t number;

		if (pm_knob_number(&pm_knobs[i], &cell->config, &number))
			fprintf(out, ",%llu", (unsigned long long)number);
		else
			put_next(out, pm_knob_print(&pm_knobs[i], &cell->config,
						    buf));
	}
}

/* All of a row up to its metric. */
static void put_start(FILE *out, const struct pm_plan *plan,
		      const struct pm_trial *t, const char *run_id)
{
	put_field(out, run_id);
	put_next(out, ipc_host_name());
	put_next(out, ipc_wine());
	fprintf(out, ",%u", t->cell);
	put_cell(out, &plan->cells[t->cell], t->arm == 'b');
	fprintf(out, ",%c,%u,%u,%u,%s", t->arm, t->round, t->slot, t->pair,
		t->ok ? "true" : "false");
}

static void put_trial(FILE *out, const struct pm_plan *plan,
		      const struct pm_trial *t, const char *run_id)
{
	bool any = false;
	char buf[32];

	for (size_t i = 0; i < pm_metric_count; i++) {
		if (!isfinite(t->metrics[i]))
			continue;
		any = true;
		put_start(out, plan, t, run_id);
		fprintf(out, ",%s,%s,%s,%s\n", pm_metrics[i].name,
			pm_metrics[i].unit, pm_metrics[i].better,
			pm_json_number_text(t->metrics[i], buf));
	}
	if (any)
		return;
	put_start(out, plan, t, run_id);
	fputs(",,,,\n", out);
}

enum ipc_rc pm_csv_write(const char *path, const struct pm_plan *plan,
			 const struct pm_samples *samples, const char *run_id,
			 struct ipc_err *err)
{
	struct ipc_err local = { .rc = IPC_OK };
	enum ipc_rc rc = IPC_OK;
	FILE *out;

	err = err ? err : &local;
	out = ipc_file_create(path, err);
	if (!out)
		return err->rc;
	put_header(out);
	for (size_t i = 0; i < samples->count && !ferror(out); i++)
		put_trial(out, plan, &samples->trials[i], run_id);
	if (fflush(out) != 0 || ferror(out))
		rc = ipc_fail(err, "write", path);
	if (fclose(out) != 0 && !rc)
		rc = ipc_fail(err, "close", path);
	return rc;
}
