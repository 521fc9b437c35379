#ifndef PM_RUN_ARGS_H
#define PM_RUN_ARGS_H
/* The arguments of `pipemark run`. */
#include "bench/matrix.h"

enum { PM_PREFIX_MAX = 32 };

struct pm_run_args {
	const char *matrix; /* file or preset; NULL: none */
	struct pm_setting *settings;
	size_t      setting_count;
	unsigned    trials, sentinels;
	bool        trials_given, seed_given;
	uint64_t    seed, budget_ns, timeout_ns;
	const char *sweep;      /* --sweep-rate */
	char       *sweep_text; /* ..., as a value of the knob rate; owned */
	uint64_t    p99_below_ns;
	const char *set[2]; /* --a, --b; NULL: none */
	const char *exec_both, *exec[2];
	const char *out, *csv, *resume, *repeat;
	bool        explain, strict, quiet;
	/* tests: the consumer of arm b (of a, if alone) spins so long a message */
	uint64_t    delay_ns;
	const char *kill;       /* see assassin.h */
	unsigned    delay_cell; /* UINT_MAX: every cell */
};

/* Pointers go into argv.  IPC_INVALID with the reason. */
enum ipc_rc pm_run_args_parse(int argc, char **argv, struct pm_run_args *args,
			      struct ipc_err *err);
void pm_run_args_free(struct pm_run_args *args);
extern const char pm_run_usage[];

#endif
