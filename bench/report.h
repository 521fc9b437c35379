#ifndef PM_REPORT_H
#define PM_REPORT_H
/*
 * What an end tells about its trial: lines of text, "key rest", the same to
 * the runner over the control channel and, made readable, to a person who
 * started the end by hand.
 */
#include <stdbool.h>
#include <stdio.h>

#include "bench/hist.h"
#include "bench/phase.h"
#include "bench/trial.h"
#include "ipc/proc.h"

struct pm_report {
	char  *text;
	size_t length, room;
	bool   failed; /* out of memory */
	int    end;    /* PM_PRODUCER or PM_CONSUMER */
};

void pm_report_free(struct pm_report *r);
void pm_report_metric(struct pm_report *r, const char *name, double value);
/* As "producer.NAME" or "consumer.NAME". */
void pm_report_cost(struct pm_report *r, const char *name, double value);
void pm_report_value(struct pm_report *r, const char *key, uint64_t value);
void pm_report_text(struct pm_report *r, const char *key, const char *value);
/* The histogram, and its mean, percentiles and maximum as metrics. */
void pm_report_hist(struct pm_report *r, const char *name,
		    const struct pm_hist *h);
/* ns: the length of an interval. */
void pm_report_series(struct pm_report *r, const struct pm_series *s,
		      uint64_t ns);
/* Samples one by one. */
void pm_report_trace(struct pm_report *r, const char *name,
		     const struct pm_trace *trace);
/* A distribution over time. */
void pm_report_heat(struct pm_report *r, const char *name,
		    const struct pm_heat *heat);
/* One of several clients; hist may be NULL. */
void pm_report_client(struct pm_report *r, unsigned client,
		      const struct pm_client *c, const char *hist_name,
		      const struct pm_hist *hist);
void pm_report_error(struct pm_report *r, const struct ipc_err *err);

/* For people. */
void pm_report_print(const struct pm_report *r, FILE *out);

/*
 * The runner's side: put one line into the trial.  False if the line is none
 * of the above.
 */
bool pm_report_read(const char *line, int end, struct pm_trial *trial);

#endif
