#include "tests/support/tap.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ipc/clock.h"
#include "ipc/proc.h"

static unsigned count, failed;

static void deadline(void *arg)
{
	ipc_sleep_ns((uint64_t)*(unsigned *)arg * 1000000000u);
	printf("Bail out! not done after %u s\n", *(unsigned *)arg);
	fflush(stdout);
	_Exit(1);
}

void tap_start(unsigned deadline_s)
{
	static unsigned seconds;

	seconds = deadline_s;
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	ipc_thread_start(deadline, &seconds, NULL);
}

void tap_result(const char *name, bool ok)
{
	failed += !ok;
	printf("%sok %u - %s\n", ok ? "" : "not ", ++count, name);
	fflush(stdout);
}

void tap_skip(const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++count, name, why);
	fflush(stdout);
}

void tap_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

int tap_done(void)
{
	printf("1..%u\n", count);
	return failed ? 1 : 0;
}
