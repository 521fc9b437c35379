#include "bench/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json.h"

static void add(struct pm_report *r, const char *text, size_t length)
{
	if (r->failed)
		return;
	if (r->length + length + 1 > r->room) {
		size_t room = (r->room + length + 1) * 2;
		char *bigger = realloc(r->text, room);

		if (!bigger) {
			r->failed = true;
			return;
		}
		r->text = bigger;
		r->room = room;
	}
	memcpy(r->text + r->length, text, length);
	r->length += length;
	r->text[r->length] = '\0';
}

__attribute__((format(__printf__, 2, 3)))
static void addf(struct pm_report *r, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		add(r, line, (size_t)n < sizeof(line) ? (size_t)n
						      : sizeof(line) - 1);
}

void pm_report_free(struct pm_report *r)
{
	free(r->text);
	memset(r, 0, sizeof(*r));
}

void pm_report_metric(struct pm_report *r, const char *name, double value)
{
	if (isfinite(value))
		addf(r, "metric %s %.17g\n", name, value);
}

void pm_report_cost(struct pm_report *r, const char *name, double value)
{
	char full[64];

	snprintf(full, sizeof(full), "%s.%s", pm_end_names[r->end], name);
	pm_report_metric(r, full, value);
}

void pm_report_value(struct pm_report *r, const char *key, uint64_t value)
{
	addf(r, "value %s %llu\n", key, (unsigned long long)value);
}

void pm_report_text(struct pm_report *r, const char *key, const char *value)
{
	addf(r, "text %s %s\n", key, value);
}

/* "KIND NAME JSON"; frees the JSON. */
static void add_named(struct pm_report *r, const char *kind, const char *name,
		      struct pm_json *json)
{
	addf(r, "%s %s ", kind, name);
	if (json->failed)
		r->failed = true;
	else
		add(r, json->text, json->length);
	add(r, "\n", 1);
	pm_json_free(json);
}

void pm_report_hist(struct pm_report *r, const char *name,
		    const struct pm_hist *h)
{
	static const struct { const char *suffix; double q; } points[] = {
		{ "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 },
		{ "p999", 0.999 }
	};
	struct pm_json json = { 0 };
	char full[64];

	if (!h->n)
		return;
	pm_json_hist(&json, NULL, h);
	add_named(r, "hist", name, &json);
	snprintf(full, sizeof(full), "%s_mean", name);
	pm_report_metric(r, full, pm_hist_mean(h));
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		snprintf(full, sizeof(full), "%s_%s", name, points[i].suffix);
		pm_report_metric(r, full, pm_hist_quantile(h, points[i].q));
	}
	snprintf(full, sizeof(full), "%s_max", name);
	pm_report_metric(r, full, (double)h->max);
}

static void numbers(struct pm_json *json, const char *key,
		    const uint64_t *values, size_t count)
{
	pm_json_open(json, key, '[');
	for (size_t i = 0; i < count; i++)
		pm_json_u64(json, NULL, values[i]);
	pm_json_close(json, ']');
}

void pm_report_series(struct pm_report *r, const struct pm_series *s,
		      uint64_t ns)
{
	struct pm_json json = { 0 };

	if (!s->count)
		return;
	pm_json_open(&json, NULL, '{');
	pm_json_u64(&json, "interval_ns", ns);
	numbers(&json, "messages", s->messages, s->count);
	numbers(&json, "bytes", s->bytes, s->count);
	pm_json_close(&json, '}');
	add(r, "series ", 7);
	if (json.failed)
		r->failed = true;
	else
		add(r, json.text, json.length);
	add(r, "\n", 1);
	pm_json_free(&json);
}

void pm_report_trace(struct pm_report *r, const char *name,
		     const struct pm_trace *trace)
{
	struct pm_json json = { 0 };

	numbers(&json, NULL, trace->ns, trace->count);
	add_named(r, "trace", name, &json);
}

/* Like the b of a histogram: how far from the one before, and the count. */
static void put_row(struct pm_json *json, const uint32_t *row)
{
	unsigned last = 0;

	pm_json_open(json, NULL, '[');
	for (unsigned i = 0; i < PM_HEAT_COLUMNS; i++) {
		if (!row[i])
			continue;
		pm_json_u64(json, NULL, i - last);
		pm_json_u64(json, NULL, row[i]);
		last = i;
	}
	pm_json_close(json, ']');
}

void pm_report_heat(struct pm_report *r, const char *name,
		    const struct pm_heat *heat)
{
	struct pm_json json = { 0 };

	if (!heat->rows)
		return;
	pm_json_open(&json, NULL, '{');
	pm_json_u64(&json, "interval_ns", heat->interval_ns);
	pm_json_u64(&json, "sub", PM_HEAT_SUB);
	pm_json_open(&json, "rows", '[');
	for (unsigned i = 0; i < heat->rows; i++)
		put_row(&json, heat->counts[i]);
	pm_json_close(&json, ']');
	pm_json_close(&json, '}');
	add_named(r, "heat", name, &json);
}

/* The receiving end knows the counts, either may have the histogram. */
void pm_report_client(struct pm_report *r, unsigned client,
		      const struct pm_client *c, const char *hist_name,
		      const struct pm_hist *hist)
{
	struct pm_json json = { 0 };

	if (c)
		addf(r, "client %u %llu %llu %llu %llu\n", client,
		     (unsigned long long)c->messages,
		     (unsigned long long)c->bytes,
		     (unsigned long long)c->first_ns,
		     (unsigned long long)c->last_ns);
	if (!hist || !hist->n)
		return;
	pm_json_hist(&json, NULL, hist);
	addf(r, "client-hist %u %s ", client, hist_name);
	if (json.failed)
		r->failed = true;
	else
		add(r, json.text, json.length);
	add(r, "\n", 1);
	pm_json_free(&json);
}

void pm_report_error(struct pm_report *r, const struct ipc_err *err)
{
	addf(r, "error %d %lu %s\t%s\n", err->rc, (unsigned long)err->os_code,
	     err->op ? err->op : "", err->what);
}

static const char *unit_of(const char *name, size_t length)
{
	char text[64];
	int i;

	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	i = pm_metric_find(text);
	return i < 0 ? "" : pm_metrics[i].unit;
}

/* Bits are for the runner; a person gets their names. */
static void print_warnings(FILE *out, unsigned long bits)
{
	char text[256] = "";
	size_t used = 0;

	for (unsigned i = 0; pm_warning_names[i] && used < sizeof(text); i++)
		if (bits >> i & 1)
			used += (size_t)snprintf(text + used,
						 sizeof(text) - used, "%s%s",
						 used ? " " : "",
						 pm_warning_names[i]);
	fprintf(out, "%-28s %12s\n", "warnings", used ? text : "none");
}

void pm_report_print(const struct pm_report *r, FILE *out)
{
	const char *line = r->text;
	unsigned long warnings = 0; /* each who has some says his */

	while (line && *line) {
		const char *end = strchr(line, '\n');
		const char *name = strchr(line, ' ') + 1;
		const char *value = strchr(name, ' ');

		if (!strncmp(line, "metric ", 7) && value)
			fprintf(out, "%-28.*s %12.6g %s\n",
				(int)(value - name), name,
				strtod(value, NULL),
				unit_of(name, (size_t)(value - name)));
		else if (!strncmp(line, "value warnings ", 15))
			warnings |= strtoul(value, NULL, 10);
		else if (!strncmp(line, "value ", 6) && value)
			fprintf(out, "%-28.*s %12.*s\n", (int)(value - name),
				name, (int)(end - value - 1), value + 1);
		line = end + 1;
	}
	print_warnings(out, warnings);
}

/* The runner's side. */

struct place {
	const char *key;
	size_t      offset;
};

#define AT(field) offsetof(struct pm_trial, field)
static const struct place values[2][10] = {
	[PM_PRODUCER] = {
		{ "warmup_ns", AT(warmup_ns) },
		{ "effective_bytes", AT(effective_bytes[PM_PRODUCER]) },
		/* only where there is no consumer, on the null engine */
		{ "messages", AT(messages) },
		{ "bytes", AT(bytes) },
		{ "measure_ns", AT(measure_ns) },
		{ NULL, 0 }
	},
	[PM_CONSUMER] = {
		{ "messages", AT(messages) },
		{ "bytes", AT(bytes) },
		{ "measure_ns", AT(measure_ns) },
		{ "effective_bytes", AT(effective_bytes[PM_CONSUMER]) },
		{ "asked_bytes", AT(asked_bytes) },
		{ NULL, 0 }
	}
};
/* From either end; what both say is added up. */
static const struct place sums[] = {
	{ "lost", AT(lost) },
	{ "repeated", AT(repeated) },
	{ "reordered", AT(reordered) },
	{ "corrupt", AT(corrupt) },
	{ "leaked", AT(leaked) },
	{ "poked", AT(poked) },
	{ NULL, 0 }
};

static uint64_t *find_place(const struct place *list, const char *key,
			    size_t length, struct pm_trial *trial)
{
	for (; list->key; list++)
		if (strlen(list->key) == length &&
		    !memcmp(list->key, key, length))
			return (uint64_t *)((char *)trial + list->offset);
	return NULL;
}

static bool read_value(const char *key, size_t length, const char *rest,
		       int end, struct pm_trial *trial)
{
	uint64_t value = strtoull(rest, NULL, 10);
	uint64_t *place = find_place(values[end], key, length, trial);

	if (place) {
		*place = value;
		return true;
	}
	place = find_place(sums, key, length, trial);
	if (place) {
		*place += value;
		return true;
	}
	if (length == 8 && !memcmp(key, "warnings", 8))
		trial->warnings |= (unsigned)value;
	else if (length == 9 && !memcmp(key, "cpu_start", 9))
		trial->cpus[end][0] = (int)(int64_t)value;
	else if (length == 7 && !memcmp(key, "cpu_end", 7))
		trial->cpus[end][1] = (int)(int64_t)value;
	return true;
}

static bool read_metric(const char *key, size_t length, const char *rest,
			struct pm_trial *trial)
{
	char name[64];
	int i;

	snprintf(name, sizeof(name), "%.*s", (int)length, key);
	i = pm_metric_find(name);
	if (i < 0)
		return false;
	trial->metrics[i] = strtod(rest, NULL);
	return true;
}

/* Into the first free one. */
static bool read_named(const char *key, size_t length, const char *rest,
		       struct pm_named_json *slots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slots[i].json)
			continue;
		snprintf(slots[i].name, sizeof(slots[i].name), "%.*s",
			 (int)length, key);
		slots[i].json = strdup(rest);
		return slots[i].json != NULL;
	}
	return false;
}

static bool read_client(const char *key, const char *rest,
			struct pm_trial *trial)
{
	unsigned long client = strtoul(key, NULL, 10);
	unsigned long long v[4];

	if (client >= trial->client_count ||
	    sscanf(rest, "%llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3]) !=
		    4)
		return false;
	trial->clients[client].messages = v[0];
	trial->clients[client].bytes = v[1];
	trial->clients[client].first_ns = v[2];
	trial->clients[client].last_ns = v[3];
	return true;
}

static bool read_client_hist(const char *key, const char *rest,
			     struct pm_trial *trial)
{
	unsigned long client = strtoul(key, NULL, 10);
	const char *json = strchr(rest, ' ');
	struct pm_client *c;

	if (client >= trial->client_count || !json)
		return false;
	c = &trial->clients[client];
	if (c->hist)
		return false;
	snprintf(c->hist_name, sizeof(c->hist_name), "%.*s",
		 (int)(json - rest), rest);
	c->hist = strdup(json + 1);
	return c->hist != NULL;
}

static bool read_error(const char *rest, int end, struct pm_trial *trial)
{
	char *at;
	long rc = strtol(rest, &at, 10);
	unsigned long code = strtoul(at, &at, 10);
	const char *tab = strchr(at, '\t');
	static char ops[2][64]; /* op is a static string by contract */

	if (!tab || *at != ' ')
		return false;
	snprintf(ops[end], sizeof(ops[end]), "%.*s", (int)(tab - at - 1),
		 at + 1);
	/* No class of ours, and yet a failure. */
	trial->err.rc = rc < 0 && rc >= IPC_CORRUPT ? (enum ipc_rc)rc
						    : IPC_CORRUPT;
	trial->err.os_code = (uint32_t)code;
	trial->err.op = ops[end];
	trial->err_end = end;
	snprintf(trial->err.what, sizeof(trial->err.what), "%s", tab + 1);
	return true;
}

bool pm_report_read(const char *line, int end, struct pm_trial *trial)
{
	const char *key = strchr(line, ' '), *rest;
	size_t kind, length;

	if (!key)
		return false;
	kind = (size_t)(key++ - line);
	if (kind == 5 && !memcmp(line, "error", 5))
		return read_error(key, end, trial);
	if (kind == 6 && !memcmp(line, "series", 6)) {
		free(trial->series);
		trial->series = strdup(key);
		return trial->series != NULL;
	}
	rest = strchr(key, ' ');
	if (!rest)
		return false;
	length = (size_t)(rest++ - key);
	if (kind == 5 && !memcmp(line, "value", 5))
		return read_value(key, length, rest, end, trial);
	if (kind == 6 && !memcmp(line, "metric", 6))
		return read_metric(key, length, rest, trial);
	if (kind == 4 && !memcmp(line, "hist", 4))
		return read_named(key, length, rest, trial->hists,
				  PM_HIST_SLOTS);
	if (kind == 5 && !memcmp(line, "trace", 5))
		return read_named(key, length, rest, trial->traces,
				  PM_TRACE_SLOTS);
	if (kind == 4 && !memcmp(line, "heat", 4))
		return read_named(key, length, rest, trial->heats,
				  PM_HEAT_SLOTS);
	if (kind == 6 && !memcmp(line, "client", 6))
		return read_client(key, rest, trial);
	if (kind == 11 && !memcmp(line, "client-hist", 11))
		return read_client_hist(key, rest, trial);
	if (kind == 4 && !memcmp(line, "text", 4)) {
		if (length == 3 && !memcmp(key, "how", 3))
			snprintf(trial->how[end], sizeof(trial->how[end]),
				 "%s", rest);
		return true;
	}
	return false;
}
