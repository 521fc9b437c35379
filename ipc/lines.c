/*
 * What was looked through once is not looked through again: a line of 16 MiB
 * that comes in pieces costs 16 MiB of looking.
 */
#include "ipc/lines.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 4096, MOST_BYTES = 16 << 20 };

enum ipc_rc ipc_lines_open(struct ipc_lines *lines, struct ipc_err *err)
{
	*lines = (struct ipc_lines){ .text = malloc(FIRST_BYTES),
				     .size = FIRST_BYTES };
	return lines->text ? IPC_OK
			   : ipc_refuse(err, IPC_NOMEM, "malloc", "lines");
}

void ipc_lines_close(struct ipc_lines *lines)
{
	free(lines->text);
	*lines = (struct ipc_lines){ 0 };
}

static const char *newline(const struct ipc_lines *lines)
{
	return memchr(lines->text + lines->scanned, '\n',
		      lines->have - lines->scanned);
}

bool ipc_lines_any(const struct ipc_lines *lines)
{
	return newline(lines) != NULL;
}

char *ipc_lines_take(struct ipc_lines *lines)
{
	const char *end = newline(lines);
	char *start = lines->text + lines->taken;

	if (!end) {
		lines->scanned = lines->have;
		return NULL;
	}
	lines->text[end - lines->text] = '\0';
	lines->taken = lines->scanned = (size_t)(end + 1 - lines->text);
	return start;
}

enum ipc_rc ipc_lines_room(struct ipc_lines *lines, size_t more,
			   struct ipc_err *err)
{
	size_t size = lines->size;
	char *larger;

	lines->have -= lines->taken;
	memmove(lines->text, lines->text + lines->taken, lines->have);
	lines->scanned -= lines->taken;
	lines->taken = 0;
	while (size - lines->have < more)
		size *= 2;
	if (size == lines->size)
		return IPC_OK;
	if (size > MOST_BYTES)
		return ipc_refuse(err, IPC_INVALID, "control channel",
				  "a line of more than 16 MiB");
	larger = realloc(lines->text, size);
	if (!larger)
		return ipc_refuse(err, IPC_NOMEM, "realloc", "lines");
	lines->text = larger;
	lines->size = size;
	return IPC_OK;
}
