#ifndef PM_CONFIG_H
#define PM_CONFIG_H
/* One cell: a value for every knob, and where each came from. */
#include "ipc/err.h"
#include "ipc/opts.h"

/* In the order of the row's choices. */
enum pm_workload {
	PM_WORKLOAD_PINGPONG,
	PM_WORKLOAD_STREAM,
	PM_WORKLOAD_PACED,
	PM_WORKLOAD_CONNECT
};
enum pm_arrival { PM_ARRIVAL_FIXED, PM_ARRIVAL_POISSON };
enum pm_pacer { PM_PACER_SPIN, PM_PACER_SLEEP };
#define PM_DRAIN_NONE IPC_WORD(0)
#define PM_DRAIN_END  IPC_WORD(1) /* else after every so many messages */

struct pm_config {
	struct ipc_opts io;
#define KNOB(field, type, ...) KNOB_FIELD_##type(field)
#include "bench/knobs.def"
#undef KNOB
};

/* Nothing but the whole is timed. */
static inline bool pm_untimed(const struct pm_config *config)
{
	return config->stamp == IPC_WORD(1); /* none */
}

/* Both sides read and write: a reply, or the end that the server makes. */
static inline bool pm_two_way(const struct pm_config *config)
{
	return config->workload == PM_WORKLOAD_PINGPONG ||
	       config->workload == PM_WORKLOAD_CONNECT;
}

enum { PM_KNOB_MAX = 96, PM_ID_MAX = 1024 };

/*
 * origin[i] of knob i: "" for the default, else "command line" or "FILE:LINE";
 * not owned, of a matrix it lives as long as the matrix.
 * A knob at its default that follows another one ("=mode") is filled in by
 * pm_cell_finish and not before.
 */
struct pm_cell {
	struct pm_config config;
	const char      *origin[PM_KNOB_MAX];
	char             id[PM_ID_MAX]; /* after pm_cell_finish */
	struct ipc_err   refused; /* .rc is IPC_OK, or why it makes no sense */
};

void pm_cell_init(struct pm_cell *cell); /* every default */
enum ipc_rc pm_cell_set(struct pm_cell *cell, const char *name,
			const char *value, const char *origin,
			struct ipc_err *err);
/*
 * Fill in the "=" defaults, derive io.size, make the id: the values that
 * differ from the defaults, sorted by name, separated by spaces ("message=64
 * workload=stream"; a space or % inside a value is %20, %25).  Checks what
 * concerns several knobs at once (message-min <= message, ...): IPC_INVALID
 * with the reason, which also stays in cell->refused; all else is done then.
 * What a cell becomes here is bench/resolve.h.
 */
enum ipc_rc pm_cell_finish(struct pm_cell *cell, struct ipc_err *err);

/*
 * The whole effective configuration as arguments, "--mode", "byte", ...: a
 * child never guesses a default.  Fills argv from *argc on with pointers into
 * arena; -1 if one of the two is too small.  pm_knob_option reads them back;
 * parse(print(config)) == config is a test.
 */
int pm_config_to_args(const struct pm_config *config, const char **argv,
		      size_t argv_room, size_t *argc, char *arena,
		      size_t arena_room);

/* 64-bit digest of every value, for the hello: both ends must agree. */
uint64_t pm_config_digest(const struct pm_config *config);

#endif
