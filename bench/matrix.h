#ifndef PM_MATRIX_H
#define PM_MATRIX_H
/*
 * Many cells: a matrix file ("knob = value, value" a line, their cross
 * product; "[section]" for a family with its own values on top of the lines
 * before the first section; "skip = knob:value knob:value" for corners), a
 * preset (a matrix file inside the program), the command line (the same
 * names; it wins over the file), and sets ("kind=named mode=message", for
 * --a and --b).
 */
#include <stdbool.h>
#include <stddef.h>

#include "bench/config.h"

struct pm_matrix {
	struct pm_cell *cells; /* finished; ids are unique; owned */
	size_t          count, room;
	size_t          doubles; /* cells left out since their id was there */
	size_t          corners; /* cells left out by a skip line */
	struct pm_kept *kept;    /* what the cells' origins point to; private */
};

/* One "--name value" of the command line, in order; value may list several. */
struct pm_setting {
	const char *name, *value;
	const char *origin; /* "command line" or "--a" */
};

enum { PM_CELLS_MAX = 100000 };

/*
 * file_text: the matrix, or NULL for none; file_name: for messages.  The
 * settings override what the file says of the same knob, in every section; of
 * two for one knob the last wins.  IPC_INVALID with FILE:LINE in err->what.
 *
 * Cells come in the order of the file: the last line's values change first.
 * One that contradicts itself stays in, .refused says why; if all do it is
 * the first one's error.  At most PM_CELLS_MAX, skipped ones counted.
 */
enum ipc_rc pm_matrix_build(const char *file_name, const char *file_text,
			    const struct pm_setting *settings, size_t count,
			    struct pm_matrix *out, struct ipc_err *err);
void pm_matrix_free(struct pm_matrix *matrix); /* harmless when zeroed */

/*
 * The same for what a user names: a preset, else a file; NULL is neither.
 * IPC_NOT_FOUND if there is no such thing.
 */
enum ipc_rc pm_matrix_load(const char *name, const struct pm_setting *settings,
			   size_t count, struct pm_matrix *out,
			   struct ipc_err *err);

/*
 * A set, "kind=named mode=message", applied to a finished cell; the result is
 * finished again.  A set has one value a knob; %20 is a space, so an id is a
 * set.  origin has to outlive the cell.
 */
enum ipc_rc pm_set_apply(const char *set, const char *origin,
			 struct pm_cell *cell, struct ipc_err *err);

/* Presets: bench/presets/NAME.matrix, embedded by the Makefile. */
struct pm_preset {
	const char *name;    /* "quick", "like/lmbench-lat-pipe" */
	const char *summary; /* its first comment line */
	const char *text;
};
extern const struct pm_preset pm_presets[]; /* ended by a NULL name */
/*
 * "default" stands for default-linux or default-windows.  NULL if none.
 */
const struct pm_preset *pm_preset_find(const char *name);

#endif
