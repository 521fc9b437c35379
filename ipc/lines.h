#ifndef IPC_LINES_H
#define IPC_LINES_H
/*
 * Lines out of bytes that come in pieces.  The buffer grows up to 16 MiB, so
 * that whoever sends no newline costs memory within bounds.
 */
#include <stdbool.h>
#include <stddef.h>

#include "ipc/err.h"

struct ipc_lines {
	char  *text;
	size_t size, have; /* bytes of text[], and those that came */
	size_t taken;      /* bytes that were handed out */
	size_t scanned;    /* bytes without a newline, taken included */
};

/* IPC_NOMEM, or ready for ipc_lines_room; close is harmless when zeroed. */
enum ipc_rc ipc_lines_open(struct ipc_lines *lines, struct ipc_err *err);
void ipc_lines_close(struct ipc_lines *lines);

/*
 * Room for at least `more` bytes (1 or more) at text + have, up to size; the
 * caller adds to have what it put there.  Takes the last line back.
 */
enum ipc_rc ipc_lines_room(struct ipc_lines *lines, size_t more,
			   struct ipc_err *err);
/* The next line, without its newline, valid until room; NULL if none. */
char *ipc_lines_take(struct ipc_lines *lines);
/* Whether take would find one. */
bool ipc_lines_any(const struct ipc_lines *lines);

#endif
