#include <stdio.h>
#include <string.h>

#include "bench/summary.h"
#include "ipc/clock.h"
#include "ipc/sys.h"

enum { SECOND_NS = 1000000000 };
/* Where lines stay, one now and then is enough. */
static const uint64_t line_every_ns = 5ull * SECOND_NS;
static const uint64_t redraw_every_ns = SECOND_NS / 10;

void pm_progress_start(struct pm_progress *p, FILE *out, unsigned all,
		       bool quiet)
{
	*p = (struct pm_progress){ .out = out, .quiet = quiet, .all = all };
	p->width = ipc_terminal_width(out);
	p->terminal = p->width > 0;
	p->start_ns = p->last_ns = ipc_now_ns();
}

static const char *duration(uint64_t ns, char buf[32])
{
	unsigned long long s = (ns + SECOND_NS / 2) / SECOND_NS;

	if (s < 100)
		snprintf(buf, 32, "%llu s", s);
	else if (s < 3600)
		snprintf(buf, 32, "%llu min %02llu s", s / 60, s % 60);
	else
		snprintf(buf, 32, "%llu h %02llu min", s / 3600, s / 60 % 60);
	return buf;
}

/*
 * Cells take different times, but every round visits all of them in random
 * order: the mean of what is done stands for what is left, once there is
 * something to take the mean of.
 */
static void status(const struct pm_progress *p, uint64_t now_ns, char *buf,
		   size_t size)
{
	uint64_t spent_ns = now_ns - p->start_ns;
	double left_ns = (double)spent_ns / p->done * (p->all - p->done);
	char text[32];

	if (p->done == p->all)
		snprintf(buf, size, "%u of %u trials, %s", p->done, p->all,
			 duration(spent_ns, text));
	else if (p->done < 3 && p->all > 3)
		snprintf(buf, size, "%u of %u trials", p->done, p->all);
	else
		snprintf(buf, size, "%u of %u trials, %s left", p->done, p->all,
			 duration((uint64_t)left_ns, text));
}

static void redraw(const struct pm_progress *p, const char *text,
		   const char *cell_id)
{
	/* one column stays free: a full line scrolls in some terminals */
	unsigned room = p->width > 1 ? p->width - 1 : 1;
	char line[512];

	snprintf(line, sizeof(line), "%s%s%s", text, *cell_id ? "  " : "",
		 cell_id);
	fprintf(p->out, "\r%-*.*s", (int)room, (int)room, line);
	fflush(p->out);
}

void pm_progress_step(struct pm_progress *p, const char *cell_id)
{
	pm_progress_step_at(p, cell_id, ipc_now_ns());
}

void pm_progress_step_at(struct pm_progress *p, const char *cell_id,
			 uint64_t now_ns)
{
	char text[96];

	p->done++;
	if (p->quiet ||
	    now_ns - p->last_ns < (p->terminal ? redraw_every_ns
					       : line_every_ns))
		return;
	p->last_ns = now_ns;
	status(p, now_ns, text, sizeof(text));
	if (p->terminal) {
		redraw(p, text, cell_id);
		return;
	}
	fprintf(p->out, "%s\n", text);
	fflush(p->out);
}

/* On a terminal the line vanishes; what is to stay is printed by others. */
void pm_progress_end(struct pm_progress *p)
{
	if (p->quiet || !p->terminal)
		return;
	fprintf(p->out, "\r%*s\r", p->width > 1 ? (int)p->width - 1 : 1, "");
	fflush(p->out);
}
