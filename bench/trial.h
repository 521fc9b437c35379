#ifndef PM_TRIAL_H
#define PM_TRIAL_H
/* What is known of one trial when it is over. */
#include <stdbool.h>
#include <stdint.h>

#include "bench/metric.h"
#include "ipc/err.h"

enum pm_phase { /* where a trial is, or failed; names in pm_phase_names */
	PM_PHASE_SPAWN,
	PM_PHASE_OPEN,
	PM_PHASE_WARMUP,
	PM_PHASE_DRAIN,
	PM_PHASE_MEASURE,
	PM_PHASE_REPORT,
	PM_PHASE_DONE
};
extern const char *const pm_phase_names[];

enum { PM_PRODUCER, PM_CONSUMER };
extern const char *const pm_end_names[]; /* "producer", "consumer" */

enum pm_warning { /* bits of pm_trial.warnings; names in pm_warning_names */
	PM_WARN_NOT_STEADY = 1 << 0,
	PM_WARN_CLAMPED    = 1 << 1, /* effective buffer is not the asked one */
	PM_WARN_STOPPED    = 1 << 2, /* ended early, by `stop` */
	PM_WARN_MOVED      = 1 << 3, /* pinned, and yet on another CPU */
	PM_WARN_STEAL      = 1 << 4,
	PM_WARN_FEW        = 1 << 5, /* too few messages for a rate */
	PM_WARN_MISSED     = 1 << 6, /* paced: the target rate was not reached */
	PM_WARN_LATE       = 1 << 7, /* paced: the pacer's own lateness shows */
	PM_WARN_VOID       = 1 << 8, /* ... and makes most of the latency */
	PM_WARN_FLOOR      = 1 << 9  /* the harness is more than 2 % of it */
};
extern const char *const pm_warning_names[]; /* by bit number, ended by NULL */

enum { PM_HIST_SLOTS = 8, PM_TRACE_SLOTS = 2, PM_HEAT_SLOTS = 1 };

/* JSON text under a name; owned, NULL: none. */
struct pm_named_json {
	char  name[32];
	char *json;
};

/* One of several clients; times count from the first receipt of all. */
struct pm_client {
	uint64_t messages, bytes;
	uint64_t first_ns, last_ns; /* receipts */
	char     hist_name[32];
	char    *hist;              /* JSON text, owned; NULL: none */
};

struct pm_trial {
	/* where it stands in the run */
	unsigned cell, round, slot, pair;
	char     arm; /* 'a' or 'b' */
	/* how it ended */
	bool           ok;
	enum pm_phase  phase;
	struct ipc_err err;
	int            err_end; /* PM_PRODUCER, PM_CONSUMER or -1: the runner */
	/* what it measured */
	uint64_t start_ns; /* wall clock */
	uint64_t setup_ns, warmup_ns, measure_ns;
	uint64_t messages, bytes;
	double   metrics[PM_METRIC_MAX]; /* by registry index; NaN: not had */
	struct pm_named_json hists[PM_HIST_SLOTS];
	struct pm_named_json traces[PM_TRACE_SLOTS];
	struct pm_named_json heats[PM_HEAT_SLOTS];
	char    *series; /* JSON text; owned, NULL: none */
	struct pm_client *clients; /* owned; NULL: there is one */
	unsigned          client_count;
	/* circumstances */
	uint64_t asked_bytes, effective_bytes[2];
	char     how[2][96];
	int      cpus[2][2]; /* [end][at the start, at the end]; -1 unknown */
	uint64_t lost, repeated, reordered, corrupt;
	uint64_t leaked; /* handles, looked for by stress only */
	uint64_t poked;  /* interruptions that were felt, likewise */
	uint64_t steal_ticks; /* IPC_UNKNOWN where the system cannot tell */
	unsigned warnings;
};

void pm_trial_init(struct pm_trial *trial);
void pm_trial_free(struct pm_trial *trial); /* harmless after init */

#endif
