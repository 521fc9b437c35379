#ifndef PM_MERGE_H
#define PM_MERGE_H
/*
 * What several producers report, as one: costs are added up, histograms are
 * merged and their quantiles taken again.
 */
#include "bench/hist.h"
#include "bench/trial.h"

enum { PM_MERGE_HISTS = 4 };

struct pm_merge {
	struct {
		double   sum, max;
		unsigned count;
	} metrics[PM_METRIC_MAX];
	struct {
		char           name[32];
		struct pm_hist hist;
	} hists[PM_MERGE_HISTS];
};

/* A metric or a histogram is taken (true); any other line is not its affair. */
bool pm_merge_line(struct pm_merge *m, const char *line);
/* The histogram of a line is one client's own; others are ignored. */
void pm_merge_client(struct pm_trial *trial, unsigned client,
		     const char *line);
/* All have spoken: put it into the trial. */
void pm_merge_tell(const struct pm_merge *m, struct pm_trial *trial);
void pm_merge_free(struct pm_merge *m); /* harmless when zeroed */

/* A "hist" object of FORMAT.md; h is made.  False if it is none. */
bool pm_hist_read(struct pm_hist *h, const char *json);

#endif
