#include "bench/text.h"

#include <errno.h>
#include <string.h>

#include "bench/cmd.h"
#include "ipc/sys.h"

enum { WIDTH_LEAST = 40, WIDTH_MOST = 100, WIDTH_UNTOLD = 80 };

unsigned pm_text_width(FILE *out)
{
	unsigned width = ipc_terminal_width(out);

	if (!width)
		return WIDTH_UNTOLD;
	return width < WIDTH_LEAST ? WIDTH_LEAST
	       : width > WIDTH_MOST ? WIDTH_MOST : width;
}

void pm_text_wrap(FILE *out, unsigned width, unsigned at, unsigned indent,
		  const char *text)
{
	bool first = true;

	while (*(text += strspn(text, " \n"))) {
		unsigned size = (unsigned)strcspn(text, " \n");

		if (!first && at + 1 + size > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		fprintf(out, "%s%.*s", first ? "" : " ", (int)size, text);
		at += size + !first;
		first = false;
		text += size;
	}
	putc('\n', out);
}

void pm_text_row(FILE *out, unsigned width, unsigned indent, const char *name,
		 const char *text)
{
	unsigned at = (unsigned)fprintf(out, "  %s", name);

	if (at + 1 > indent)
		fprintf(out, "\n%*s", (int)indent, "");
	else
		fprintf(out, "%*s", (int)(indent - at), "");
	pm_text_wrap(out, width, indent, indent, text);
}

/* A full disk must not look like success; a reader that has enough may. */
int pm_text_said(const char *program, int status)
{
	if (!ferror(stdout) && !fflush(stdout))
		return status;
	/* it may have failed long ago: what stands in the way says so again */
	errno = 0;
	putchar('\n');
	fflush(stdout);
	if (errno == EPIPE)
		return status;
	fprintf(stderr, "%s: standard output: %s\n", program, strerror(errno));
	return status ? status : PM_STATUS_FAILED;
}
