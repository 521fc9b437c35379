#include "bench/judge.h"

#include <math.h>
#include <stdio.h>

/* Lateness as a share of what it is part of. */
#define LATE_SHARE 0.1
#define VOID_SHARE 0.5

static double *metric(struct pm_trial *t, const char *name)
{
	static double none = NAN;
	int i = pm_metric_find(name);

	return i < 0 ? &none : &t->metrics[i];
}

/*
 * How much of the response time is the pacer's own lateness, at the highest
 * quantile that both have: what a message waited because its sender slept or
 * lost its CPU is no property of the pipe.  Lateness that is small beside the
 * gaps between messages is none.
 */
static void judge_pacer(struct pm_trial *t, const struct pm_config *config)
{
	static const char *const points[] = { "p99", "p90", "p50" };

	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		char name[32];
		double late, response, share;

		snprintf(name, sizeof(name), "lateness_%s", points[i]);
		late = *metric(t, name);
		snprintf(name, sizeof(name), "response_%s", points[i]);
		response = *metric(t, name);
		if (isnan(late) || isnan(response))
			continue;
		share = response > 0 ? late / response : 0;
		*metric(t, "lateness_share") = share;
		if (late * (double)config->rate < LATE_SHARE * 1e9 ||
		    share < LATE_SHARE)
			return;
		t->warnings |= PM_WARN_LATE;
		if (share >= VOID_SHARE)
			t->warnings |= PM_WARN_VOID;
		return;
	}
}

void pm_judge(struct pm_trial *trial, const struct pm_config *config)
{
	if (config->workload == PM_WORKLOAD_PACED)
		judge_pacer(trial, config);
}
