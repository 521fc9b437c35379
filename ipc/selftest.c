#include "ipc/selftest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipc/err.h"

void ipc_saw(struct ipc_answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->seen, sizeof(a->seen), format, args);
	va_end(args);
	a->asked = true;
}

void ipc_saw_code(struct ipc_answer *a, unsigned code)
{
	const char *name = code ? ipc_os_name(code) : "succeeds";

	if (name)
		ipc_saw(a, "%s", name);
	else
		ipc_saw(a, "%s %u", ipc_os_space(), code);
}

void ipc_not_asked(struct ipc_answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->seen, sizeof(a->seen), format, args);
	va_end(args);
	a->asked = false;
}

/* seen begins with the word of that length, and then ends, or explains. */
static bool is(const char *seen, const char *word, size_t length)
{
	return !strncmp(seen, word, length) &&
	       (!seen[length] || !strncmp(seen + length, " (", 2));
}

static bool is_one_of(const char *seen, const char *words)
{
	const char *end;

	for (; (end = strstr(words, " or ")); words = end + 4)
		if (is(seen, words, (size_t)(end - words)))
			return true;
	return is(seen, words, strlen(words));
}

enum ipc_verdict ipc_judge(const struct ipc_claim *c,
			   const struct ipc_answer *a, bool wine)
{
	if (!a->asked)
		return IPC_NOT_ASKED;
	if (wine && c->wine)
		return is_one_of(a->seen, c->wine) ? IPC_AS_WINE
						   : IPC_UNEXPECTED;
	if (!c->expected)
		return IPC_NOTED;
	return is_one_of(a->seen, c->expected) ? IPC_AS_EXPECTED
					       : IPC_UNEXPECTED;
}
