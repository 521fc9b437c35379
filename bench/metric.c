#include "bench/metric.h"

#include <string.h>

#define NS               "ns"
#define BYTES            "bytes"
#define BYTES_PER_SECOND "bytes/s"
#define PER_SECOND       "1/s"
#define COUNT            "count"
#define RATIO            "ratio"
#define LOWER            "lower"
#define HIGHER           "higher"
#define NEITHER          "neither"

const struct pm_metric pm_metrics[] = {
#define QUANTILE(name, which, help) { name, NS, LOWER, which help },
#define DISTRIBUTION(name, help)                          \
	QUANTILE(#name "_mean", "mean of: ", help)        \
	QUANTILE(#name "_p50", "median of: ", help)       \
	QUANTILE(#name "_p90", "90 % are below: ", help)  \
	QUANTILE(#name "_p99", "99 % are below: ", help)  \
	QUANTILE(#name "_p999", "99.9 % are below: ", help) \
	QUANTILE(#name "_max", "longest of: ", help)
#define METRIC(name, unit, better, help) { #name, unit, better, help },
#define END_METRIC(name, unit, better, help)                         \
	{ "producer." #name, unit, better, "producer: " help },      \
	{ "consumer." #name, unit, better, "consumer: " help },
#include "bench/metrics.def"
#undef DISTRIBUTION
#undef METRIC
#undef END_METRIC
};
const size_t pm_metric_count = sizeof(pm_metrics) / sizeof(pm_metrics[0]);

_Static_assert(sizeof(pm_metrics) / sizeof(pm_metrics[0]) <= PM_METRIC_MAX,
	       "more metrics than PM_METRIC_MAX");

const char *const pm_distributions[] = {
#define DISTRIBUTION(name, help) #name,
#define METRIC(name, unit, better, help)
#define END_METRIC(name, unit, better, help)
#include "bench/metrics.def"
#undef DISTRIBUTION
#undef METRIC
#undef END_METRIC
	NULL
};

int pm_metric_find(const char *name)
{
	for (size_t i = 0; i < pm_metric_count; i++)
		if (!strcmp(pm_metrics[i].name, name))
			return (int)i;
	return -1;
}
