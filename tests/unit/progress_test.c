#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/summary.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static FILE *opened(char path[256])
{
	remove(sample_file_name("progress.txt", path));
	return ipc_file_create(path, NULL);
}

static char *closed(FILE *file, const char *path)
{
	char *text;

	fclose(file);
	text = sample_file_text(path, NULL);
	remove(path);
	return text;
}

/* A step, so many seconds after the start. */
static void step(struct pm_progress *p, double seconds)
{
	pm_progress_step_at(p, "a cell whose name is a long story",
			    p->start_ns + (uint64_t)(seconds * 1e9));
}

static bool a_line_now_and_then(void)
{
	struct pm_progress p;
	char path[256], *text;
	FILE *file = opened(path);

	CHECK(file);
	pm_progress_start(&p, file, 40, false);
	CHECK(!p.terminal);
	for (unsigned i = 0; i < 9; i++)
		step(&p, i * 0.1);
	step(&p, 10);
	step(&p, 14.9);
	step(&p, 300);
	pm_progress_end(&p);
	text = closed(file, path);
	CHECK(!strcmp(text, "10 of 40 trials, 30 s left\n"
			    "12 of 40 trials, 11 min 40 s left\n"));
	free(text);
	return true;
}

static bool nothing_is_promised_too_early(void)
{
	struct pm_progress p;
	char path[256], *text;
	FILE *file = opened(path);

	CHECK(file);
	pm_progress_start(&p, file, 5, false);
	for (unsigned i = 1; i <= 5; i++)
		step(&p, 6.0 * i);
	text = closed(file, path);
	CHECK(!strcmp(text, "1 of 5 trials\n2 of 5 trials\n"
			    "3 of 5 trials, 12 s left\n"
			    "4 of 5 trials, 6 s left\n5 of 5 trials, 30 s\n"));
	free(text);
	return true;
}

static bool quiet_is_quiet(void)
{
	struct pm_progress p;
	char path[256], *text;
	FILE *file = opened(path);

	CHECK(file);
	pm_progress_start(&p, file, 2, true);
	p.terminal = true;
	step(&p, 60);
	step(&p, 120);
	pm_progress_end(&p);
	text = closed(file, path);
	CHECK(!text[0]);
	free(text);
	return true;
}

/* One line, redrawn within the width, gone at the end. */
static bool a_terminal_is_redrawn(void)
{
	struct pm_progress p;
	char path[256], *text, *part;
	unsigned parts = 0;
	FILE *file = opened(path);

	CHECK(file);
	pm_progress_start(&p, file, 8, false);
	p.terminal = true;
	p.width = 40;
	for (unsigned i = 0; i < 4; i++) {
		step(&p, i + 1);
		step(&p, i + 1.05); /* too soon */
	}
	pm_progress_end(&p);
	text = closed(file, path);
	CHECK(!strchr(text, '\n'));
	CHECK(strstr(text, "\r5 of 8 trials, 2 s left  a cell whose n\r"));
	for (part = text; *part; parts++) {
		CHECK(*part++ == '\r');
		CHECK(strcspn(part, "\r") == 39 || !*part);
		part += strcspn(part, "\r");
	}
	CHECK_EQ(parts, 6);
	free(text);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(a_line_now_and_then);
	TEST(nothing_is_promised_too_early);
	TEST(quiet_is_quiet);
	TEST(a_terminal_is_redrawn);
	return tap_done();
}
