/* pipemark list: what there is, for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/knob.h"
#include "bench/list.h"
#include "bench/matrix.h"
#include "bench/metric.h"
#include "bench/resolve.h"
#include "bench/suggest.h"
#include "bench/text.h"

enum { INDENT = 25 };

static void transports_text(FILE *out, unsigned width)
{
	char text[256];

	for (size_t i = 0; ipc_transports[i].name; i++) {
		const struct ipc_named_transport *row = &ipc_transports[i];

		if (row->it)
			snprintf(text, sizeof(text), "%s", row->it->summary);
		else
			snprintf(text, sizeof(text), "(on %s)", row->os);
		pm_text_row(out, width, INDENT, row->name, text);
	}
}

/* It is on this host, and works on this machine; else err says why not. */
static bool is_here(const struct ipc_named_engine *row, struct ipc_err *err)
{
	return row->it && (!row->it->probe || !row->it->probe(err));
}

static void engines_text(FILE *out, unsigned width)
{
	char text[2 * IPC_NAME_MAX];
	struct ipc_err err;

	for (size_t i = 0; ipc_engines[i].name; i++) {
		const struct ipc_named_engine *row = &ipc_engines[i];

		if (is_here(row, &err))
			snprintf(text, sizeof(text), "%s", row->it->summary);
		else if (row->it)
			snprintf(text, sizeof(text), "(not here: %s)",
				 err.what);
		else
			snprintf(text, sizeof(text), "(on %s)", row->os);
		pm_text_row(out, width, INDENT, row->name, text);
	}
}

static void transport_json(struct pm_json *j, const struct ipc_transport *it)
{
	struct pm_cell cell;

	pm_cell_init(&cell);
	pm_cell_finish(&cell, NULL);
	size_t max = it->message_max(&cell.config.io);

	pm_json_str(j, "summary", it->summary);
	pm_json_bool(j, "named", it->listen != NULL);
	pm_json_bool(j, "byte", it->gives & IPC_CAP_STREAM);
	pm_json_bool(j, "message", it->gives & IPC_CAP_MESSAGE);
	pm_json_bool(j, "duplex", it->gives & IPC_CAP_DUPLEX);
	pm_json_bool(j, "empty", it->gives & IPC_CAP_EMPTY);
	if (max == SIZE_MAX)
		pm_json_null(j, "message_max");
	else /* with the default buffer */
		pm_json_u64(j, "message_max", max);
	pm_list_words_json(j, "knobs", it->knobs);
}

static void transports_json(struct pm_json *j, const char *name)
{
	pm_json_open(j, name, '[');
	for (size_t i = 0; ipc_transports[i].name; i++) {
		const struct ipc_named_transport *row = &ipc_transports[i];

		pm_json_open(j, NULL, '{');
		pm_json_str(j, "name", row->name);
		pm_json_str(j, "host", row->os);
		pm_json_bool(j, "here", row->it != NULL);
		if (row->it)
			transport_json(j, row->it);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

static void engine_json(struct pm_json *j, const struct ipc_engine *it)
{
	pm_json_str(j, "summary", it->summary);
	pm_json_bool(j, "sends", it->gives & IPC_CAP_SEND);
	pm_json_bool(j, "receives", it->gives & IPC_CAP_RECEIVE);
	pm_json_u64(j, "ends_max", it->ends_max);
	pm_list_words_json(j, "knobs", it->knobs);
}

static void engines_json(struct pm_json *j, const char *name)
{
	struct ipc_err err;

	pm_json_open(j, name, '[');
	for (size_t i = 0; ipc_engines[i].name; i++) {
		const struct ipc_named_engine *row = &ipc_engines[i];
		bool here = is_here(row, &err);

		pm_json_open(j, NULL, '{');
		pm_json_str(j, "name", row->name);
		pm_json_str(j, "host", row->os);
		pm_json_bool(j, "here", here);
		if (row->it && !here)
			pm_json_str(j, "reason", err.what);
		if (row->it)
			engine_json(j, row->it);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

static void metrics_text(FILE *out, unsigned width)
{
	char text[512];

	for (size_t i = 0; i < pm_metric_count; i++) {
		const struct pm_metric *m = &pm_metrics[i];

		snprintf(text, sizeof(text), "%s (%s%s%s)", m->help, m->unit,
			 strcmp(m->better, "neither") ? ", better: " : "",
			 strcmp(m->better, "neither") ? m->better : "");
		pm_text_row(out, width, INDENT + 3, m->name, text);
	}
}

static void metrics_json(struct pm_json *j, const char *name)
{
	pm_json_open(j, name, '[');
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

/* Cells of a preset, and how many of them this machine cannot measure. */
static void count_cells(const struct pm_preset *preset, size_t *cells,
			size_t *skipped)
{
	struct pm_matrix matrix;
	struct ipc_pairing pairing;
	struct ipc_err err;

	*cells = *skipped = 0;
	if (pm_matrix_build(preset->name, preset->text, NULL, 0, &matrix, &err))
		return;
	*cells = matrix.count;
	for (size_t i = 0; i < matrix.count; i++)
		*skipped += pm_resolve(&matrix.cells[i], &pairing, &err) != 0;
	pm_matrix_free(&matrix);
}

static void presets_text(FILE *out, unsigned width)
{
	const struct pm_preset *own = pm_preset_find("default");
	size_t cells, skipped;
	char text[512], skips[64];

	for (size_t i = 0; pm_presets[i].name; i++) {
		count_cells(&pm_presets[i], &cells, &skipped);
		snprintf(skips, sizeof(skips), ", %zu skipped here", skipped);
		snprintf(text, sizeof(text), "%s (%zu cell%s%s)%s",
			 pm_presets[i].summary, cells, cells == 1 ? "" : "s",
			 skipped ? skips : "",
			 &pm_presets[i] == own ? "; default here" : "");
		pm_text_row(out, width, INDENT, pm_presets[i].name, text);
	}
}

static void presets_json(struct pm_json *j, const char *name)
{
	const struct pm_preset *own = pm_preset_find("default");
	size_t cells, skipped;

	pm_json_open(j, name, '[');
	for (size_t i = 0; pm_presets[i].name; i++) {
		count_cells(&pm_presets[i], &cells, &skipped);
		pm_json_open(j, NULL, '{');
		pm_json_str(j, "name", pm_presets[i].name);
		pm_json_str(j, "summary", pm_presets[i].summary);
		pm_json_u64(j, "cells", cells);
		pm_json_u64(j, "skipped", skipped);
		pm_json_bool(j, "default", &pm_presets[i] == own);
		pm_json_str(j, "text", pm_presets[i].text);
		pm_json_close(j, '}');
	}
	pm_json_close(j, ']');
}

const struct pm_list pm_lists[] = {
	{ "transports", "kernel objects that carry messages", transports_text,
	  transports_json, NULL },
	{ "engines", "ways to move messages on them", engines_text,
	  engines_json, NULL },
	{ "presets", "matrices inside the program", presets_text, presets_json,
	  NULL },
	{ "matrix", "which kind, mode, io and workload this machine runs",
	  pm_list_matrix_text, pm_list_matrix_json, NULL },
	{ "knobs", "everything that can be chosen, with its values",
	  pm_list_knobs_text, pm_list_knobs_json, pm_list_knobs_markdown },
	{ "metrics", "everything that is measured", metrics_text, metrics_json,
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL }
};

static int complain(const char *arg)
{
	static const char *const options[] = { "--json", "--markdown" };
	struct pm_suggest s;

	pm_suggest_start(&s, arg);
	pm_suggest_offer(&s, "live");
	for (const struct pm_list *l = pm_lists; l->name; l++)
		pm_suggest_offer(&s, l->name);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		pm_suggest_offer(&s, options[i]);
	fprintf(stderr, "pipemark list: there is no %.60s to list", arg);
	if (pm_suggest_best(&s))
		fprintf(stderr, ": did you mean %s?\n", pm_suggest_best(&s));
	else
		fprintf(stderr, "; pipemark help list has what there is\n");
	return PM_STATUS_REQUEST;
}

static int print_json(const struct pm_list *only)
{
	struct pm_json j = { 0 };
	int status = PM_STATUS_FAILED;

	pm_json_open(&j, NULL, '{');
	pm_json_str(&j, "tool", "pipemark");
	pm_json_str(&j, "version", PM_VERSION);
	pm_json_str(&j, "host", ipc_host_name());
	for (const struct pm_list *l = pm_lists; l->name; l++)
		if (!only || l == only)
			l->json(&j, l->name);
	pm_json_close(&j, '}');
	if (j.failed)
		fprintf(stderr, "pipemark list: not enough memory\n");
	else
		status = puts(j.text) < 0 ? PM_STATUS_FAILED : PM_STATUS_OK;
	pm_json_free(&j);
	return status;
}

/* Without a topic: the short lists, and which others there are. */
static int print_text(const struct pm_list *only)
{
	unsigned width = pm_text_width(stdout);

	if (only) {
		only->text(stdout, width);
		return PM_STATUS_OK;
	}
	for (size_t i = 0; i < 3; i++) {
		printf("%s: %s\n", pm_lists[i].name, pm_lists[i].summary);
		pm_lists[i].text(stdout, width);
		printf("\n");
	}
	printf("Also:\n");
	for (size_t i = 3; pm_lists[i].name; i++)
		pm_text_row(stdout, width, INDENT, pm_lists[i].name,
			    pm_lists[i].summary);
	pm_text_row(stdout, width, INDENT, "live", pm_list_live_summary);
	return PM_STATUS_OK;
}

int pm_cmd_list(int argc, char **argv)
{
	const struct pm_list *only = NULL;
	bool json = false, markdown = false, live = false;

	for (int i = 1; i < argc; i++) {
		const struct pm_list *l = pm_lists;

		while (l->name && strcmp(l->name, argv[i]))
			l++;
		if (!strcmp(argv[i], "live") && !only && !live)
			live = true;
		else if (l->name && !only && !live)
			only = l;
		else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return pm_cmd_help(2, (char *[]){ argv[0], argv[0] });
		else if (!strcmp(argv[i], "--json"))
			json = true;
		else if (!strcmp(argv[i], "--markdown"))
			markdown = true;
		else
			return complain(argv[i]);
	}
	if (live && !markdown)
		return pm_list_live(json);
	if (!markdown)
		return json ? print_json(only) : print_text(only);
	if (json || !only || !only->markdown) {
		fprintf(stderr, "pipemark list: only knobs are written as "
			"markdown: pipemark list knobs --markdown\n");
		return PM_STATUS_REQUEST;
	}
	only->markdown(stdout);
	return PM_STATUS_OK;
}
