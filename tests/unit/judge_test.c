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

/* Of both ends in a round trip, of the slower one in a stream. */
static unsigned floored(unsigned workload, double rtt, double rate, int cpu,
			double *floor)
{
	struct pm_config config = { .workload = workload };
	struct pm_trial trial;

	pm_trial_init(&trial);
	trial.metrics[pm_metric_find("producer.floor")] = 10;
	trial.metrics[pm_metric_find("consumer.floor")] = 20;
	trial.metrics[pm_metric_find("rtt_p50")] = rtt;
	trial.metrics[pm_metric_find("messages_per_s")] = rate;
	trial.cpus[PM_PRODUCER][1] = 0;
	trial.cpus[PM_CONSUMER][1] = cpu;
	pm_judge(&trial, &config);
	*floor = trial.metrics[pm_metric_find("floor")];
	return trial.warnings;
}

static bool the_floor_is_weighed_against_a_message(void)
{
	double floor;

	CHECK_EQ(floored(PM_WORKLOAD_PINGPONG, 2000, 1, 1, &floor), 0);
	CHECK(floor > 29 && floor < 31);
	CHECK_EQ(floored(PM_WORKLOAD_PINGPONG, 1400, 1, 1, &floor),
		 PM_WARN_FLOOR);
	CHECK_EQ(floored(PM_WORKLOAD_STREAM, NAN, 0.9e6, 1, &floor), 0);
	CHECK(floor > 19 && floor < 21);
	CHECK_EQ(floored(PM_WORKLOAD_STREAM, NAN, 1.1e6, 1, &floor),
		 PM_WARN_FLOOR);
	CHECK_EQ(floored(PM_WORKLOAD_STREAM, NAN, 0.9e6, 0, &floor),
		 PM_WARN_FLOOR); /* they share a CPU */
	return true;
}

int main(void)
{
	TEST(lateness_is_weighed_against_the_response);
	TEST(little_beside_the_gaps_is_none);
	TEST(few_samples_are_judged_by_what_they_have);
	TEST(other_workloads_have_no_pacer);
	TEST(the_floor_is_weighed_against_a_message);
	return tap_done();
}
