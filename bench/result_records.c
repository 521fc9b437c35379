#include "bench/result_records.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/knob.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

enum { WORKLOAD_VERSION = 1 }; /* of what pingpong and stream mean */

unsigned pm_plan_skipped(const struct pm_plan *plan)
{
	unsigned skipped = 0;

	for (unsigned i = 0; i < plan->cell_count; i++)
		skipped += plan->cells[i].skip[0].rc != IPC_OK ||
			   (plan->arms > 1 &&
			    plan->cells[i].skip[1].rc != IPC_OK);
	return skipped;
}

static void put_start(struct pm_json *j)
{
	uint64_t now_ns = ipc_wall_ns();
	time_t now_s = (time_t)(now_ns / 1000000000u);
	const struct tm *utc = gmtime(&now_s);
	char text[32] = "";

	if (utc)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", utc);
	pm_json_str(j, "start", text);
	pm_json_u64(j, "start_ns", now_ns);
}

static void put_plan(struct pm_json *j, const struct pm_plan *plan)
{
	static const char *const arms[] = { "a", "b" };

	pm_json_open(j, "argv", '[');
	for (int i = 0; i < plan->argc; i++)
		pm_json_str(j, NULL, plan->argv[i]);
	pm_json_close(j, ']');
	pm_json_u64(j, "seed", plan->seed);
	pm_json_open(j, "plan", '{');
	pm_json_u64(j, "cells", plan->cell_count);
	pm_json_u64(j, "skipped", pm_plan_skipped(plan));
	pm_json_u64(j, "trials", plan->trials);
	pm_json_open(j, "arms", '[');
	for (unsigned i = 0; i < plan->arms; i++)
		pm_json_str(j, NULL, arms[i]);
	pm_json_close(j, ']');
	pm_json_open(j, "sets", '{');
	for (unsigned i = 0; i < plan->arms; i++)
		pm_json_str(j, arms[i], plan->sets[i] ? plan->sets[i] : "");
	pm_json_close(j, '}');
	pm_json_close(j, '}');
}

static void put_clock(struct pm_json *j, const struct ipc_clock *clock)
{
	pm_json_open(j, "clock", '{');
	pm_json_str(j, "source", clock->source);
	pm_json_u64(j, "rate", clock->rate);
	pm_json_u64(j, "resolution_ps", clock->resolution_ns_x1000);
	pm_json_num(j, "read_ns", clock->read_ns);
	pm_json_close(j, '}');
}

static void put_metrics(struct pm_json *j)
{
	pm_json_open(j, "metrics", '[');
	for (size_t i = 0; i < pm_metric_count; i++) {
		pm_json_open(j, NULL, '{');
		pm_json_str(j, "name", pm_metrics[i].name);
		pm_json_str(j, "unit", pm_metrics[i].unit);
		pm_json_str(j, "better", pm_metrics[i].better);
		pm_json_str(j, "help", pm_metrics[i].help);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

/* The choices of an ENUM or the words of a number, if it has any. */
static void put_choices(struct pm_json *j, const struct knob *knob)
{
	char buf[PM_VALUE_MAX];
	const char *word = pm_knob_choice(knob, 0, buf);

	if (!word)
		return;
	pm_json_open(j, knob->type == KNOB_ENUM ? "choices" : "words", '[');
	for (size_t k = 1; word; k++) {
		pm_json_str(j, NULL, word);
		word = pm_knob_choice(knob, k, buf);
	}
	pm_json_close(j, ']');
}

static void put_knobs(struct pm_json *j)
{
	static const char *const types[] = { [KNOB_U64] = "number",
					     [KNOB_BOOL] = "bool",
					     [KNOB_ENUM] = "choice",
					     [KNOB_TEXT] = "text" };

	pm_json_open(j, "knobs", '[');
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *knob = &pm_knobs[i];

		pm_json_open(j, NULL, '{');
		pm_json_str(j, "name", knob->name);
		pm_json_str(j, "type", types[knob->type]);
		if (knob->unit != UNIT_NONE)
			pm_json_str(j, "unit", pm_unit_name(knob->unit));
		pm_json_str(j, "def", knob->def);
		put_choices(j, knob);
		if (knob->question)
			pm_json_bool(j, "question", true);
		pm_json_str(j, "group", knob->group);
		pm_json_str(j, "help", knob->help);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

void pm_record_run(struct pm_json *j, const struct pm_plan *plan,
		   const char *run_id)
{
	char node[IPC_NAME_MAX];

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "run");
	pm_json_str(j, "schema", "pipemark-result/1.0");
	pm_json_str(j, "id", run_id);
	put_start(j);
	pm_json_str(j, "tool", "pipemark");
	pm_json_str(j, "version", PM_VERSION);
	pm_json_str(j, "host", ipc_host_name());
	pm_json_str(j, "wine", ipc_wine());
	pm_json_str(j, "node", ipc_node_name(node, sizeof(node)));
	put_plan(j, plan);
	put_clock(j, &plan->clock);
	put_metrics(j);
	put_knobs(j);
	pm_json_close(j, '}');
	pm_json_newline(j);
}

void pm_record_env(struct pm_json *j, const struct pm_env *env)
{
	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "env");
	pm_json_str(j, "id", env->id);
	pm_json_open(j, "facts", '{');
	for (size_t i = 0; i < env->count; i++) {
		pm_json_open(j, env->facts[i].key, '{');
		pm_json_str(j, "v", env->facts[i].value);
		if (!env->facts[i].value)
			pm_json_str(j, "why", env->facts[i].why);
		pm_json_str(j, "src", env->facts[i].source);
		pm_json_close(j, '}');
	}
	pm_json_close(j, '}');
	pm_json_open(j, "warnings", '[');
	for (size_t i = 0; i < env->warning_count; i++) {
		const struct pm_env_warning *w = &env->warnings[i];

		pm_json_open(j, NULL, '{');
		pm_json_str(j, "code", w->code);
		pm_json_str(j, "severity", pm_severity_names[w->severity]);
		pm_json_str(j, "text", w->text);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
	pm_json_close(j, '}');
	pm_json_newline(j);
}

static void put_knob_values(struct pm_json *j, const struct pm_cell *cell)
{
	char buf[PM_VALUE_MAX];
	uint64_t number;

	pm_json_open(j, "knobs", '{');
	for (size_t i = 0; i < pm_knob_count; i++) {
		pm_json_open(j, pm_knobs[i].name, '{');
		pm_json_str(j, "v",
			    pm_knob_print(&pm_knobs[i], &cell->config, buf));
		if (pm_knob_number(&pm_knobs[i], &cell->config, &number))
			pm_json_u64(j, "n", number);
		pm_json_str(j, "from", cell->origin[i]);
		pm_json_close(j, '}');
	}
	pm_json_close(j, '}');
}

void pm_record_cell(struct pm_json *j, const struct pm_plan *plan, unsigned n,
		    unsigned arm)
{
	const struct pm_run_cell *c = &plan->cells[n];
	const struct ipc_pairing *p = &c->pairing[arm];

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "cell");
	pm_json_u64(j, "n", n);
	pm_json_str(j, "arm", arm ? "b" : "a");
	pm_json_str(j, "id", c->cell[arm].id);
	if (c->skip[arm].rc) {
		pm_json_open(j, "skip", '{');
		pm_json_str(j, "class", ipc_rc_name(c->skip[arm].rc));
		pm_json_str(j, "reason", c->skip[arm].what);
		pm_json_close(j, '}');
	} else {
		pm_json_null(j, "skip");
	}
	pm_json_u64(j, "workload_version", WORKLOAD_VERSION);
	if (c->sentinel)
		pm_json_bool(j, "sentinel", true);
	put_knob_values(j, &c->cell[arm]);
	pm_json_open(j, "became", '{');
	pm_json_str(j, "transport", p->transport ? p->transport->name : NULL);
	pm_json_str(j, "producer", p->producer ? p->producer->name : NULL);
	pm_json_str(j, "consumer", p->consumer ? p->consumer->name : NULL);
	pm_json_close(j, '}');
	pm_json_close(j, '}');
	pm_json_newline(j);
}

static void put_error(struct pm_json *j, const struct pm_trial *trial)
{
	const struct ipc_err *err = &trial->err;
	char text[2 * IPC_NAME_MAX];

	if (trial->ok) {
		pm_json_null(j, "error");
		return;
	}
	pm_json_open(j, "error", '{');
	pm_json_str(j, "class", ipc_rc_name(err->rc));
	pm_json_str(j, "op", err->op);
	pm_json_str(j, "space", err->os_code ? ipc_os_space() : NULL);
	pm_json_u64(j, "code", err->os_code);
	pm_json_str(j, "name", err->os_code ? ipc_os_name(err->os_code) : NULL);
	pm_json_str(j, "end", trial->err_end < 0 ?
				      "runner" : pm_end_names[trial->err_end]);
	pm_json_str(j, "text", ipc_err_text(err, text, sizeof(text)));
	pm_json_close(j, '}');
}

/* Is it a figure of a distribution that this trial recorded? */
static bool recorded(const struct pm_trial *trial, const char *metric)
{
	for (size_t i = 0; i < PM_HIST_SLOTS; i++) {
		size_t n = strlen(trial->hists[i].name);

		if (trial->hists[i].json &&
		    !strncmp(metric, trial->hists[i].name, n) &&
		    metric[n] == '_')
			return true;
	}
	return false;
}

static void put_named(struct pm_json *j, const char *key,
		      const struct pm_named_json *list, size_t count)
{
	pm_json_open(j, key, '{');
	for (size_t i = 0; i < count; i++)
		if (list[i].json)
			pm_json_raw(j, list[i].name, list[i].json);
	pm_json_close(j, '}');
}

static void put_measured(struct pm_json *j, const struct pm_trial *trial)
{
	pm_json_open(j, "metrics", '{');
	for (size_t i = 0; i < pm_metric_count; i++)
		if (isfinite(trial->metrics[i]) ||
		    recorded(trial, pm_metrics[i].name))
			pm_json_num(j, pm_metrics[i].name, trial->metrics[i]);
	pm_json_close(j, '}');
	put_named(j, "hist", trial->hists, PM_HIST_SLOTS);
	pm_json_raw(j, "series", trial->series ? trial->series : "null");
	if (trial->heats[0].json)
		put_named(j, "heat", trial->heats, PM_HEAT_SLOTS);
	if (trial->traces[0].json)
		put_named(j, "trace", trial->traces, PM_TRACE_SLOTS);
}

/* Each of several clients; no member where there is one. */
static void put_clients(struct pm_json *j, const struct pm_trial *trial)
{
	if (!trial->clients)
		return;
	pm_json_open(j, "clients", '[');
	for (unsigned i = 0; i < trial->client_count; i++) {
		const struct pm_client *c = &trial->clients[i];

		pm_json_open(j, NULL, '{');
		pm_json_u64(j, "messages", c->messages);
		pm_json_u64(j, "bytes", c->bytes);
		pm_json_u64(j, "first_ns", c->first_ns);
		pm_json_u64(j, "last_ns", c->last_ns);
		if (c->hist)
			pm_json_raw(j, c->hist_name, c->hist);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

static void put_circumstances(struct pm_json *j, const struct pm_trial *trial)
{
	pm_json_open(j, "cpus", '{');
	for (unsigned end = 0; end < 2; end++) {
		pm_json_open(j, pm_end_names[end], '[');
		pm_json_i64(j, NULL, trial->cpus[end][0]);
		pm_json_i64(j, NULL, trial->cpus[end][1]);
		pm_json_close(j, ']');
	}
	pm_json_close(j, '}');
	pm_json_open(j, "integrity", '{');
	pm_json_u64(j, "lost", trial->lost);
	pm_json_u64(j, "repeated", trial->repeated);
	pm_json_u64(j, "reordered", trial->reordered);
	pm_json_u64(j, "corrupt", trial->corrupt);
	pm_json_close(j, '}');
	pm_json_open(j, "noise", '{');
	if (trial->steal_ticks == IPC_UNKNOWN)
		pm_json_null(j, "steal_ticks");
	else
		pm_json_u64(j, "steal_ticks", trial->steal_ticks);
	pm_json_null(j, "gap_max_ns");
	pm_json_close(j, '}');
	pm_json_open(j, "warnings", '[');
	for (unsigned i = 0; pm_warning_names[i]; i++)
		if (trial->warnings & 1u << i)
			pm_json_str(j, NULL, pm_warning_names[i]);
	pm_json_close(j, ']');
}

static void put_ends(struct pm_json *j, const struct pm_trial *trial)
{
	pm_json_open(j, "buffers", '{');
	if (trial->asked_bytes == IPC_BUFFER_OS)
		pm_json_null(j, "asked");
	else
		pm_json_u64(j, "asked", trial->asked_bytes);
	pm_json_u64(j, "producer", trial->effective_bytes[PM_PRODUCER]);
	pm_json_u64(j, "consumer", trial->effective_bytes[PM_CONSUMER]);
	pm_json_close(j, '}');
	pm_json_open(j, "how", '{');
	pm_json_str(j, "producer", trial->how[PM_PRODUCER]);
	pm_json_str(j, "consumer", trial->how[PM_CONSUMER]);
	pm_json_close(j, '}');
}

void pm_record_trial(struct pm_json *j, const struct pm_plan *plan,
		     const struct pm_trial *trial)
{
	const struct pm_run_cell *cell = &plan->cells[trial->cell];
	char arm[2] = { trial->arm, '\0' };

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "trial");
	pm_json_u64(j, "cell", trial->cell);
	pm_json_str(j, "id", cell->cell[trial->arm == 'b'].id);
	pm_json_str(j, "arm", arm);
	pm_json_u64(j, "round", trial->round);
	pm_json_u64(j, "slot", trial->slot);
	pm_json_u64(j, "pair", trial->pair);
	pm_json_bool(j, "ok", trial->ok);
	pm_json_str(j, "phase", pm_phase_names[trial->phase]);
	put_error(j, trial);
	pm_json_u64(j, "start_ns", trial->start_ns);
	pm_json_u64(j, "setup_ns", trial->setup_ns);
	pm_json_u64(j, "warmup_ns", trial->warmup_ns);
	pm_json_u64(j, "measure_ns", trial->measure_ns);
	pm_json_u64(j, "messages", trial->messages);
	pm_json_u64(j, "bytes", trial->bytes);
	put_ends(j, trial);
	put_measured(j, trial);
	put_clients(j, trial);
	put_circumstances(j, trial);
	pm_json_close(j, '}');
	pm_json_newline(j);
}

void pm_record_canary(struct pm_json *j, unsigned round,
		      const struct pm_canary *canary)
{
	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "canary");
	pm_json_u64(j, "round", round);
	pm_json_num(j, "clock_read_ns", canary->clock_read_ns);
	pm_json_num(j, "memcpy64k_ns", canary->memcpy64k_ns);
	pm_json_num(j, "wake_ns", canary->wake_ns);
	pm_json_num(j, "bounce_ns", canary->bounce_ns);
	pm_json_num(j, "lost_share", canary->lost_share);
	pm_json_close(j, '}');
	pm_json_newline(j);
}
