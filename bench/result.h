#ifndef PM_RESULT_H
#define PM_RESULT_H
/*
 * The result file of a run: reports/FORMAT.md.  Every record is one write and
 * one flush; a full disk is an error that the caller sees at once.
 */
#include "bench/canary.h"
#include "bench/matrix.h"
#include "bench/trial.h"
#include "ipc/clock.h"
#include "ipc/registry.h"

/* What a cell is in a run. */
struct pm_run_cell {
	struct pm_cell     cell[2];    /* by arm; [1] unused without --b */
	struct ipc_pairing pairing[2];
	struct ipc_err     skip[2];    /* rc IPC_OK: it can be measured */
	bool               sentinel;   /* arm b is a copy of arm a: a control */
};

struct pm_plan {
	struct pm_run_cell *cells;
	unsigned            cell_count;
	unsigned            arms;      /* 1 or 2 */
	const char         *sets[2];
	const char         *prefix[2]; /* before the programs; NULL: nothing */
	unsigned            trials;    /* of each cell and arm */
	uint64_t            seed;
	uint64_t            p99_below_ns; /* the bound of a sweep; 0: its own */
	int                 argc;      /* as given, without the program's name */
	char              **argv;
	struct ipc_clock    clock;
};

struct pm_result; /* an open result file */

/*
 * New file (IPC_BUSY if it exists) with its run, env and cell records.  After
 * a write that failed (IPC_OS for a full disk, with the system's code) every
 * later one fails in the same way, and what was whole stays whole.
 */
enum ipc_rc pm_result_create(const char *path, const struct pm_plan *plan,
			     struct pm_result **out, struct ipc_err *err);
/* The same, named PREFIX-HOST-UTC.jsonl, with a number if that is taken. */
enum { PM_RESULT_PATH_MAX = 256 };
enum ipc_rc pm_result_create_named(const char *prefix,
				   char path[PM_RESULT_PATH_MAX],
				   const struct pm_plan *plan,
				   struct pm_result **out, struct ipc_err *err);
/* The run's id, e.g. for pm_csv_write; as long as the result is open. */
const char *pm_result_id(const struct pm_result *result);
enum ipc_rc pm_result_trial(struct pm_result *result,
			    const struct pm_plan *plan,
			    const struct pm_trial *trial, struct ipc_err *err);
enum ipc_rc pm_result_canary(struct pm_result *result, unsigned round,
			     const struct pm_canary *canary,
			     struct ipc_err *err);
/* The end record; closes, whatever happens. */
enum ipc_rc pm_result_finish(struct pm_result *result, bool interrupted,
			     struct ipc_err *err);
void pm_result_close(struct pm_result *result); /* no end record; NULL is fine */

/*
 * Read an earlier result back: the cells with their values, and what was
 * measured.  For --resume and --repeat.  IPC_INVALID for a file that is none,
 * of a newer major, made by knobs that this program does not have, or broken
 * before its last line; err->what then begins with FILE:LINE.
 */
struct pm_past {
	struct pm_plan   plan;   /* cells as they were, ids included; pairings
				  * are not resolved, the clock is not set */
	struct pm_trial *done;   /* without histograms and series */
	size_t           done_count;
	uint64_t         whole_bytes; /* length up to the last whole line */
	bool             truncated;   /* there was more behind it */
	bool             ended;       /* the last line is an end record */
	unsigned         trials;      /* of each cell and arm, as planned */
	size_t           line_cell_count;
	unsigned        *line_cell; /* cell that line i (from 1) speaks of, or
				     * UINT_MAX */
	char            *line_arm;  /* 'a' or 'b' of that line */
	char             run_id[32], host[16];
	uint64_t         digest;    /* of the whole lines, for going on */
	/* private */
	unsigned         announced_cells;
	size_t           cell_records;
	char           **texts; /* that the cells' origins point to */
	size_t           text_count;
};
enum ipc_rc pm_past_read(const char *path, struct pm_past *past,
			 struct ipc_err *err);
void pm_past_free(struct pm_past *past); /* harmless when zeroed */
/*
 * Cut what follows the last whole line and go on behind it; the end record
 * will count the past's trials as well.
 */
enum ipc_rc pm_result_resume(const char *path, const struct pm_past *past,
			     struct pm_result **out, struct ipc_err *err);

#endif
