/* When the pacer's own lateness makes the latency. */
#include "bench/judge.h"

#include <math.h>
#include <stdio.h>

#include "tests/support/tap.h"

static unsigned judged(double lateness_ns, double response_ns, const char *at)
{
	struct pm_config config = { .workload = PM_WORKLOAD_PACED,
				    .rate = 20000 };
	struct pm_trial trial;
	char name[32];

	pm_trial_init(&trial);
	snprintf(name, sizeof(name), "lateness_%s", at);
	trial.metrics[pm_metric_find(name)] = lateness_ns;
	snprintf(name, sizeof(name), "response_%s", at);
	trial.metrics[pm_metric_find(name)] = response_ns;
	pm_judge(&trial, &config);
	return trial.warnings;
}

static bool lateness_is_weighed_against_the_response(void)
{
	CHECK_EQ(judged(10e3, 300e3, "p99"), 0);
	CHECK_EQ(judged(40e3, 300e3, "p99"), PM_WARN_LATE);
	CHECK_EQ(judged(200e3, 300e3, "p99"), PM_WARN_LATE | PM_WARN_VOID);
	/* Back-pressure: the response is long, the pacer was never late. */
	CHECK_EQ(judged(40e3, 90e6, "p99"), 0);
	return true;
}

static bool little_beside_the_gaps_is_none(void)
{
	CHECK_EQ(judged(4e3, 6e3, "p99"), 0); /* gaps are 50 us */
	CHECK_EQ(judged(6e3, 7e3, "p99"), PM_WARN_LATE | PM_WARN_VOID);
	return true;
}

static bool few_samples_are_judged_by_what_they_have(void)
{
	CHECK_EQ(judged(200e3, 300e3, "p50"), PM_WARN_LATE | PM_WARN_VOID);
	CHECK_EQ(judged(NAN, 300e3, "p99"), 0);
	return true;
}

static bool other_workloads_have_no_pacer(void)
{
	struct pm_config config = { .workload = PM_WORKLOAD_STREAM };
	struct pm_trial trial;

	pm_trial_init(&trial);
	pm_judge(&trial, &config);
	CHECK_EQ(trial.warnings, 0);
	CHECK(isnan(trial.metrics[pm_metric_find("lateness_share")]));
	return true;
}

int main(void)
{
	TEST(lateness_is_weighed_against_the_response);
	TEST(little_beside_the_gaps_is_none);
	TEST(few_samples_are_judged_by_what_they_have);
	TEST(other_workloads_have_no_pacer);
	return tap_done();
}
