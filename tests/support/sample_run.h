#ifndef SAMPLE_RUN_H
#define SAMPLE_RUN_H
/* A run that never was, for tests of what is made of one. */
#include "bench/summary.h"

struct sample_run {
	struct pm_plan    plan;
	struct pm_samples samples;
};

/* Ends the test program if memory is short or a value is wrong. */
void sample_run_start(struct sample_run *run, unsigned arms, unsigned trials);
/*
 * The next cell, with settings "knob=value knob=value".  It became transport
 * and blocking engines, as far as transport is not NULL.
 */
struct pm_run_cell *sample_run_cell(struct sample_run *run,
				    const char *transport,
				    const char *settings);
/* The last cell's arm b, in the same way. */
void sample_run_arm_b(struct sample_run *run, const char *transport,
		      const char *settings);
/*
 * A good trial of the last cell, with this value of the metric (NULL: none);
 * for more, go on with what is returned, as long as no other one is made.
 */
struct pm_trial *sample_run_trial(struct sample_run *run, const char *metric,
				  double value);
void sample_run_free(struct sample_run *run);

/* All of a file, terminated; free it.  NULL if it cannot be read. */
char *sample_file_text(const char *path, size_t *length);
/* A file name of this test program alone in the temporary folder. */
const char *sample_file_name(const char *name, char buf[256]);

#endif
