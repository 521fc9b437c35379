#include "bench/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report.h"

/* "KIND NAME rest" to NAME and rest, if it is of that kind. */
static const char *split(const char *line, const char *kind, char name[64])
{
	size_t length = strlen(kind);
	const char *rest;

	if (strncmp(line, kind, length) || line[length] != ' ')
		return NULL;
	line += length + 1;
	rest = strchr(line, ' ');
	if (!rest || rest - line >= 64)
		return NULL;
	snprintf(name, 64, "%.*s", (int)(rest - line), line);
	return rest + 1;
}

static void take_metric(struct pm_merge *m, const char *name, double value)
{
	int i = pm_metric_find(name);

	if (i < 0)
		return;
	m->metrics[i].sum += value;
	if (!m->metrics[i].count++ || value > m->metrics[i].max)
		m->metrics[i].max = value;
}

static void take_hist(struct pm_merge *m, const char *name, const char *json)
{
	struct pm_hist one;
	size_t i = 0;

	if (!pm_hist_read(&one, json))
		return;
	while (i < PM_MERGE_HISTS && m->hists[i].name[0] &&
	       strcmp(m->hists[i].name, name))
		i++;
	if (i < PM_MERGE_HISTS && m->hists[i].name[0]) {
		pm_hist_merge(&m->hists[i].hist, &one);
	} else if (i < PM_MERGE_HISTS) {
		snprintf(m->hists[i].name, sizeof(m->hists[i].name), "%.31s",
			 name);
		m->hists[i].hist = one;
		return;
	}
	pm_hist_free(&one);
}

bool pm_merge_line(struct pm_merge *m, const char *line)
{
	char name[64];
	const char *rest = split(line, "metric", name);

	if (rest) {
		take_metric(m, name, strtod(rest, NULL));
		return true;
	}
	rest = split(line, "hist", name);
	if (rest)
		take_hist(m, name, rest);
	return rest != NULL;
}

void pm_merge_client(struct pm_trial *trial, unsigned client,
		     const char *line)
{
	struct pm_client *c = &trial->clients[client];
	char name[64];
	const char *rest = split(line, "hist", name);

	if (!rest || client >= trial->client_count || c->hist)
		return;
	snprintf(c->hist_name, sizeof(c->hist_name), "%.31s", name);
	c->hist = strdup(rest);
}

/* Is it a figure of a histogram, and so known from the merged one? */
static bool of_hist(const struct pm_merge *m, const char *metric)
{
	for (size_t i = 0; i < PM_MERGE_HISTS && m->hists[i].name[0]; i++) {
		size_t length = strlen(m->hists[i].name);

		if (!strncmp(metric, m->hists[i].name, length) &&
		    metric[length] == '_')
			return true;
	}
	return false;
}

/*
 * Counts, times and bytes of several processes add up; a share or a ratio is
 * the mean of theirs, and the most of anything is the most of all.
 */
static double together(const struct pm_merge *m, size_t i)
{
	const char *name = pm_metrics[i].name;

	if (strstr(name, "_max") || !strcmp(name, "stamp_every"))
		return m->metrics[i].max;
	if (!strcmp(pm_metrics[i].unit, "ratio"))
		return m->metrics[i].sum / m->metrics[i].count;
	return m->metrics[i].sum;
}

static void feed(struct pm_report *r, struct pm_trial *trial)
{
	char *line = r->text, *end;

	while (line && (end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		pm_report_read(line, PM_PRODUCER, trial);
		line = end + 1;
	}
	pm_report_free(r);
}

void pm_merge_tell(const struct pm_merge *m, struct pm_trial *trial)
{
	struct pm_report r = { .end = PM_PRODUCER };

	for (size_t i = 0; i < pm_metric_count; i++)
		if (m->metrics[i].count && !of_hist(m, pm_metrics[i].name))
			trial->metrics[i] = together(m, i);
	for (size_t i = 0; i < PM_MERGE_HISTS && m->hists[i].name[0]; i++)
		pm_report_hist(&r, m->hists[i].name, &m->hists[i].hist);
	feed(&r, trial);
}

void pm_merge_free(struct pm_merge *m)
{
	for (size_t i = 0; i < PM_MERGE_HISTS; i++)
		pm_hist_free(&m->hists[i].hist);
}
