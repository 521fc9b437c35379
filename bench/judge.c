#include "bench/judge.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Lateness as a share of what it is part of. */
#define LATE_SHARE 0.1
#define VOID_SHARE 0.5
/* A figure of which the harness itself is more than this says so. */
#define FLOOR_SHARE 0.02

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

/* What one message takes, in ns: what the floor is a part of. */
static double message_ns(struct pm_trial *t, const struct pm_config *config)
{
	double rtt = *metric(t, "rtt_p50");

	if (config->workload == PM_WORKLOAD_PACED)
		return *metric(t, "service_p50");
	return isnan(rtt) ? 1e9 / *metric(t, "messages_per_s") : rtt;
}

/*
 * Both ends' loops are in a round trip. In a stream they run side by side,
 * unless they share a CPU, and the slower one makes the pace.
 */
static void judge_floor(struct pm_trial *t, const struct pm_config *config)
{
	double a = *metric(t, "producer.floor"), b = *metric(t, "consumer.floor");
	bool beside = config->workload == PM_WORKLOAD_STREAM &&
		      t->cpus[PM_PRODUCER][1] != t->cpus[PM_CONSUMER][1];
	double floor = beside ? fmax(a, b) : a + b;

	if (isnan(a) || isnan(b))
		return;
	*metric(t, "floor") = floor;
	if (floor > FLOOR_SHARE * message_ns(t, config))
		t->warnings |= PM_WARN_FLOOR;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* How the clients shared what there was. */
static void judge_clients(struct pm_trial *t)
{
	unsigned n = t->client_count;
	double *rates = malloc((n + 1) * sizeof(*rates));
	double sum = 0, squares = 0;

	if (!rates)
		return;
	for (unsigned i = 0; i < n; i++) {
		const struct pm_client *c = &t->clients[i];

		rates[i] = c->last_ns ? (double)c->messages * 1e9 /
						(double)c->last_ns : 0;
		sum += rates[i];
		squares += rates[i] * rates[i];
	}
	qsort(rates, n, sizeof(*rates), by_value);
	*metric(t, "client_min") = rates[0];
	*metric(t, "client_median") = (rates[(n - 1) / 2] + rates[n / 2]) / 2;
	*metric(t, "client_max") = rates[n - 1];
	if (squares > 0)
		*metric(t, "fairness") = sum * sum / (n * squares);
	free(rates);
}

void pm_judge(struct pm_trial *trial, const struct pm_config *config)
{
	if (config->workload == PM_WORKLOAD_PACED)
		judge_pacer(trial, config);
	judge_floor(trial, config);
	if (trial->client_count && trial->err.rc == IPC_OK)
		judge_clients(trial);
}
