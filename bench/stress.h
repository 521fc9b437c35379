#ifndef PM_STRESS_H
#define PM_STRESS_H
/*
 * pipemark stress: a catalogue of stressors, each run in rounds.  What round
 * N of a stressor does follows from the seed, its name and N alone, so that
 * one round can be repeated by itself.  A round always ends: whatever could
 * hang runs in a child process with a deadline.
 */
#include "bench/launch.h"

struct pm_stress_found {
	uint64_t ops, faults;     /* done, and injected */
	uint64_t recovered;       /* faults after which all went on, or ended well */
	uint64_t lost, repeated, reordered, corrupt;
	uint64_t hangs, leaks;
	uint64_t broken;          /* anything else that should not be */
};

enum pm_verdict { PM_PASSED, PM_FAILED, PM_TOO_FEW, PM_SKIPPED };
extern const char *const pm_verdict_names[];

struct pm_stress;

struct pm_stressor {
	const char *name, *summary;
	const char *op, *fault; /* what is counted: "messages", "kills" */
	uint64_t    least_ops, least_faults;
	/* Why it cannot run here: IPC_OK if it can.  NULL: everywhere. */
	enum ipc_rc (*probe)(struct ipc_err *err);
	void        (*round)(struct pm_stress *s);
};
extern const struct pm_stressor pm_stressors[]; /* ended by a NULL name */
const struct pm_stressor *pm_stressor_find(const char *name);

/* One stressor of a run. */
struct pm_stress {
	const struct pm_stressor *it;
	const struct ipc_clock   *clock;
	const char               *folder; /* of the programs */
	const char               *plant;  /* tests: --stress of consumers */
	const char               *out;    /* the result file; others beside it */
	uint64_t                  seed;
	uint64_t                  round;  /* number of the current one */
	uint64_t                  random; /* state, for pm_random */
	struct pm_stress_found    found;
	uint64_t                  rounds, used_ns;
	uint64_t                  why_round; /* of the first finding, and */
	char                      why[512];  /* what it was; "" if none */
	struct ipc_err            skip;
};

/* Run one round: seeds, calls, notes the time. */
void pm_stress_round(struct pm_stress *s, uint64_t number);
enum pm_verdict pm_stress_verdict(const struct pm_stress *s);
bool pm_stress_enough(const struct pm_stress *s);
/* So much was found that more would prove nothing. */
bool pm_stress_proven(const struct pm_stress *s);
/* Remember the first finding in words. */
void pm_stress_note(struct pm_stress *s, const char *format, ...)
	__attribute__((format(__printf__, 2, 3)));
/* lo..hi, both included. */
uint64_t pm_stress_draw(struct pm_stress *s, uint64_t lo, uint64_t hi);

/*
 * stress_pair.c: every transport with every pair of engines that can check
 * what it receives, in an order of the seed's; round N takes the N-th.
 */
enum pm_named { PM_ANY, PM_NAMED, PM_UNNAMED };
struct pm_stress_cell {
	struct pm_cell     cell;
	struct ipc_pairing pairing;
};
/* The cell with the settings { name, value, ..., NULL } besides; false with
 * a finding if there is none. */
bool pm_stress_cell(struct pm_stress *s, enum pm_named named,
		    const char *const *settings, struct pm_stress_cell *out);
size_t pm_stress_pairs(enum pm_named named); /* how many there are */

/* The end of a trial in which all messages should arrive. */
void pm_stress_clean(struct pm_stress *s, const struct pm_stress_cell *c,
		     const struct pm_trial *trial);

/* stress_trials.c */
void pm_stress_integrity(struct pm_stress *s);
void pm_stress_slow(struct pm_stress *s);
void pm_stress_stopped(struct pm_stress *s);
void pm_stress_signals(struct pm_stress *s);
void pm_stress_killed(struct pm_stress *s);
/* stress_harm.c */
void pm_stress_writers(struct pm_stress *s);
void pm_stress_crowd(struct pm_stress *s);
void pm_stress_drain(struct pm_stress *s);
void pm_stress_limits(struct pm_stress *s);
enum ipc_rc pm_stress_can_limit(struct ipc_err *err);
enum ipc_rc pm_stress_can_poke(struct ipc_err *err);

#endif
