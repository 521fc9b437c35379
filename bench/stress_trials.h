#ifndef PM_STRESS_TRIALS_H
#define PM_STRESS_TRIALS_H
/* What stressors that are trials share: worker programs, meddled with. */
#include "bench/stress.h"

#define PM_MS_NS UINT64_C(1000000)

/* Everything that a round may want of its trial; zero is the usual. */
struct pm_stress_how {
	const struct pm_meddler *meddler;
	uint64_t    delay_ns;   /* the consumer spins */
	uint64_t    timeout_ns; /* 0: long enough; else it is to be missed */
	const char *stress[2];  /* NULL: look, or what the tests planted */
};
void pm_stress_launch(struct pm_stress *s, const struct pm_stress_cell *c,
		      const struct pm_stress_how *how, struct pm_trial *trial);

/* Sizes at which something changes, and any other. */
uint64_t pm_stress_size(struct pm_stress *s, uint64_t buffer);

/* Who lost its peer must say so, soon, and leave nothing behind. */
void pm_stress_judge_killed(struct pm_stress *s,
			    const struct pm_stress_cell *c, uint64_t kills,
			    const struct pm_trial *trial);

/* What is done to the processes, one turn after the other. */
struct pm_meddling {
	struct pm_stress *s;
	int      victim;   /* PM_PRODUCER, PM_CONSUMER, or 2: both */
	unsigned left;     /* turns */
	uint64_t done;     /* faults injected */
	bool     stopped;
};
uint64_t pm_stress_shoot(void *user, struct ipc_proc *const proc[2]);
uint64_t pm_stress_stop_and_go(void *user, struct ipc_proc *const proc[2]);

#endif
