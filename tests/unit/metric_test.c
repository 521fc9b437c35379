/* The registry of metrics is what metrics.def says, and is usable as a key. */
#include "bench/metric.h"

#include <string.h>

#include "tests/support/tap.h"

static bool one_of(const char *word, const char *const *list)
{
	while (*list && strcmp(*list, word))
		list++;
	return *list;
}

static bool every_row_is_sane(void)
{
	static const char *const units[] = { "ns", "bytes/s", "1/s", "count",
					     "bytes", "ratio", NULL };
	static const char *const better[] = { "lower", "higher", "neither",
					      NULL };

	CHECK(pm_metric_count && pm_metric_count <= PM_METRIC_MAX);
	for (size_t i = 0; i < pm_metric_count; i++) {
		const struct pm_metric *m = &pm_metrics[i];

		tap_note("%s", m->name);
		CHECK(m->name[0] && strspn(m->name, "abcdefghijklmnopqrstuvwxyz"
					   "0123456789_.") == strlen(m->name));
		CHECK(one_of(m->unit, units) && one_of(m->better, better));
		CHECK(m->help && m->help[0]);
		CHECK_EQ(pm_metric_find(m->name), i); /* so they are unique */
	}
	return true;
}

static bool distributions_have_six(void)
{
	static const char *const which[] = { "mean", "p50", "p90", "p99", "p999",
					     "max", NULL };
	char name[64];

	CHECK(pm_distributions[0]);
	for (size_t d = 0; pm_distributions[d]; d++) {
		for (size_t i = 0; which[i]; i++) {
			snprintf(name, sizeof(name), "%s_%s",
				 pm_distributions[d], which[i]);
			int at = pm_metric_find(name);

			CHECK(at >= 0 && !strcmp(pm_metrics[at].unit, "ns"));
			CHECK(!strcmp(pm_metrics[at].better, "lower"));
		}
	}
	return true;
}

static bool ends_have_two(void)
{
	char other[64];
	size_t found = 0;

	for (size_t i = 0; i < pm_metric_count; i++) {
		if (strncmp(pm_metrics[i].name, "producer.", 9))
			continue;
		snprintf(other, sizeof(other), "consumer.%s",
			 pm_metrics[i].name + 9);
		CHECK(pm_metric_find(other) >= 0);
		found++;
	}
	CHECK(found > 0);
	return true;
}

static bool strangers_are_not_found(void)
{
	CHECK_EQ(pm_metric_find("rtt"), -1);
	CHECK_EQ(pm_metric_find(""), -1);
	CHECK_EQ(pm_metric_find("rtt_p5"), -1);
	CHECK_EQ(pm_metric_find("cpu_user"), -1);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(every_row_is_sane);
	TEST(distributions_have_six);
	TEST(ends_have_two);
	TEST(strangers_are_not_found);
	return tap_done();
}
