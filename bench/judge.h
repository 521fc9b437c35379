#ifndef PM_JUDGE_H
#define PM_JUDGE_H
/* Warnings that need what both ends have reported. */
#include "bench/config.h"
#include "bench/trial.h"

/* Adds to trial->warnings, and the metrics that say why. */
void pm_judge(struct pm_trial *trial, const struct pm_config *config);

#endif
