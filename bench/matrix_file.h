#ifndef PM_MATRIX_FILE_H
#define PM_MATRIX_FILE_H
/* Between the two halves of a matrix: its lines, and their cross product. */
#include "bench/knob.h"
#include "bench/matrix.h"

/* "message = 64, 4K": one line of a family. */
struct values {
	const struct knob *knob;
	const char        *origin;  /* "FILE:LINE" */
	const char       **texts;
	size_t             count;
	bool               common;  /* from before the first section */
};

/* "skip = transport:packet message:64K": a cell that has all of them. */
struct skip {
	const struct skip *next; /* or all of those */
	size_t             count;
	struct {
		const struct knob *knob;
		const char        *value; /* canonical */
	} terms[];
};

/* A section, with what it inherits: at most one list of values a knob. */
struct family {
	struct values      lists[PM_KNOB_MAX];
	size_t             count;
	const struct skip *skips;
};

/* Zeroed memory that lives as long as the matrix; NULL if there is none. */
void *pm_matrix_keep(struct pm_matrix *matrix, size_t size);

/*
 * "64, 4K" to the values of a knob; each is parsed.  IPC_INVALID with the
 * knob as the operation.
 */
enum ipc_rc pm_matrix_values(struct pm_matrix *matrix, const struct knob *knob,
			     const char *text, size_t size,
			     struct values *out, struct ipc_err *err);

/* Another list, in the place of the one that the family has of that knob. */
void pm_family_put(struct family *family, const struct values *values);

/* Called for every family of a file, in order; a failure ends the reading. */
typedef enum ipc_rc pm_family_fn(void *user, const struct family *family,
				 struct ipc_err *err);
enum ipc_rc pm_matrix_read(const char *file_name, const char *text,
			   struct pm_matrix *matrix, pm_family_fn *tell,
			   void *user, struct ipc_err *err);

#endif
