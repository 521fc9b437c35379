/*
 * Arguments: Windows hands a child one string.  This file puts it together
 * and takes it apart by the rules of the C runtime, which most programs use.
 */
#include "ipc/windows/args.h"

#include <stdlib.h>
#include <string.h>

struct text {
	char  *at;
	size_t have, size;
	bool   failed;
};

static void put(struct text *t, char c, size_t times)
{
	while (times-- && !t->failed) {
		if (t->have == t->size) {
			size_t larger = t->size ? t->size * 2 : 256;
			char *at = realloc(t->at, larger);

			t->failed = !at;
			if (!at)
				return;
			t->at = at;
			t->size = larger;
		}
		t->at[t->have++] = c;
	}
}

/*
 * Backslashes are themselves, unless a quote follows them: then each of them,
 * and the quote, needs one more.  The closing quote follows, too.
 */
static void put_quoted(struct text *t, const char *arg)
{
	size_t slashes = 0;

	put(t, '"', 1);
	for (; *arg; arg++) {
		if (*arg == '\\') {
			slashes++;
			continue;
		}
		put(t, '\\', *arg == '"' ? 2 * slashes + 1 : slashes);
		put(t, *arg, 1);
		slashes = 0;
	}
	put(t, '\\', 2 * slashes);
	put(t, '"', 1);
}

char *ipc_win_join_args(const char *const *const lists[], size_t count)
{
	struct text t = { .at = NULL };

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; lists[i] && lists[i][k]; k++) {
			if (t.have)
				put(&t, ' ', 1);
			put_quoted(&t, lists[i][k]);
		}
	put(&t, '\0', 1);
	if (!t.failed)
		return t.at;
	free(t.at);
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The program's name knows no escapes: to the next quote, or blank. */
static const char *take_program(const char *from, char **to)
{
	bool quoted = *from == '"';

	for (from += quoted; *from; from++) {
		if (quoted ? *from == '"' : is_blank(*from))
			break;
		*(*to)++ = *from;
	}
	return from + (*from == '"');
}

/*
 * One argument, unescaped to *to, which never overtakes from.  Inside quotes
 * two quotes are one, as the runtimes since 2008 have it.
 */
static const char *take_argument(const char *from, char **to)
{
	bool quoted = false;

	while (*from && (quoted || !is_blank(*from))) {
		size_t slashes = 0;

		for (; from[slashes] == '\\'; slashes++)
			;
		if (from[slashes] != '"') {
			for (from += slashes; slashes; slashes--)
				*(*to)++ = '\\';
			if (*from && (quoted || !is_blank(*from)))
				*(*to)++ = *from++;
			continue;
		}
		from += slashes + 1;
		for (size_t i = 0; i < slashes / 2; i++)
			*(*to)++ = '\\';
		if (slashes % 2)
			*(*to)++ = '"';
		else if (quoted && *from == '"')
			*(*to)++ = *from++;
		else
			quoted = !quoted;
	}
	return from;
}

/* text is overwritten and stays in use; the list is the caller's to free. */
char **ipc_win_split_args(char *text, int *argc)
{
	size_t room = strlen(text) / 2 + 3, count = 0;
	char **list = calloc(room, sizeof(*list));
	const char *from = text;
	char *to = text;

	if (!list)
		return NULL;
	for (bool program = true;; program = false) {
		list[count] = to;
		from = program ? take_program(from, &to)
			       : take_argument(from, &to);
		count++;
		while (is_blank(*from))
			from++;
		if (!*from)
			break;
		*to++ = '\0'; /* at least one blank has made room */
	}
	*to = '\0';
	*argc = (int)count;
	return list;
}
