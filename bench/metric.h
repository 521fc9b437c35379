#ifndef PM_METRIC_H
#define PM_METRIC_H
/* The registry of metrics: bench/metrics.def, expanded to rows. */
#include <stddef.h>

struct pm_metric {
	const char *name;   /* "rtt_p50", "producer.cpu_user" */
	const char *unit;   /* "ns", "bytes/s", "1/s", "count", "bytes", "ratio" */
	const char *better; /* "lower", "higher", "neither" */
	const char *help;   /* one sentence */
};

enum { PM_METRIC_MAX = 160 };

extern const struct pm_metric pm_metrics[];
extern const size_t           pm_metric_count;

/* Its index, or -1. */
int pm_metric_find(const char *name);

/* The distributions by name ("rtt"), ended by NULL. */
extern const char *const pm_distributions[];

#endif
