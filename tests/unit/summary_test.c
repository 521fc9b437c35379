/*
 * What the first screen says, against tests/golden/summary-*.txt.  To accept
 * a change: PM_GOLDEN=write build/.../tests/unit/summary_test, and read the
 * difference.  Runs in the project's folder.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/summary_rows.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static char *printed(const struct sample_run *run, struct pm_screen screen)
{
	char path[256], *text;

	remove(sample_file_name("screen.txt", path));
	screen.out = ipc_file_create(path, NULL);
	if (!screen.out)
		return NULL;
	pm_summary_write(&screen, &run->plan, &run->samples);
	fclose(screen.out);
	text = sample_file_text(path, NULL);
	remove(path);
	return text;
}

/* The first line that differs. */
static void note_difference(const char *got, const char *expected)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; got[i] && got[i] == expected[i]; i++)
		if (got[i] == '\n') {
			line++;
			start = i + 1;
		}
	tap_note("line %zu is  %.*s", line, (int)strcspn(got + start, "\n"),
		 got + start);
	tap_note("line %zu was %.*s", line,
		 (int)strcspn(expected + start, "\n"), expected + start);
}

static bool is_golden(const char *name, const struct sample_run *run,
		      struct pm_screen screen)
{
	char path[256], *text = printed(run, screen), *golden;
	const char *mode = getenv("PM_GOLDEN");

	CHECK(text);
	snprintf(path, sizeof(path), "tests/golden/summary-%s.txt", name);
	if (mode && !strcmp(mode, "write")) {
		FILE *file = ipc_file_open(path, "wb", NULL);

		CHECK(file && fputs(text, file) >= 0 && !fclose(file));
	}
	golden = sample_file_text(path, NULL);
	CHECK(golden);
	if (strcmp(text, golden) != 0)
		note_difference(text, golden);
	CHECK(!strcmp(text, golden));
	free(text);
	free(golden);
	return true;
}

/* n trials around value, some percent apart; the last one is returned. */
static struct pm_trial *trials(struct sample_run *run, unsigned n,
			       const char *metric, double value,
			       const char *second, double other)
{
	struct pm_trial *t = NULL;

	for (unsigned i = 0; i < n; i++) {
		double spread = 1 + ((i * 7) % 6) * 0.01;

		t = sample_run_trial(run, metric, value * spread);
		t->metrics[pm_metric_find(second)] = other * spread;
		t->messages = 48000;
		t->metrics[pm_metric_find("producer.cpu_user")] = 2e6;
		t->metrics[pm_metric_find("producer.cpu_sys")] = 6e7;
		t->metrics[pm_metric_find("consumer.cpu_user")] = 3e6;
		t->metrics[pm_metric_find("consumer.cpu_sys")] = 7e7 * spread;
		t->metrics[pm_metric_find("producer.messages_per_op")] = 1;
		t->metrics[pm_metric_find("consumer.messages_per_op")] = 1;
	}
	return t;
}

static struct pm_trial *rtt(struct sample_run *run, unsigned n, double ns)
{
	return trials(run, n, "rtt_p50", ns, "rtt_p99", ns * 2.1);
}

static struct pm_trial *rate(struct sample_run *run, unsigned n, double bytes,
			     double size)
{
	return trials(run, n, "bytes_per_s", bytes, "messages_per_s",
		      bytes / size);
}

/* The last n trials, of which last is the last one. */
static void warn(struct pm_trial *last, unsigned n, unsigned warnings)
{
	for (; n; n--, last--)
		last->warnings |= warnings;
}

static struct pm_trial *response(struct sample_run *run, unsigned n, double ns)
{
	return trials(run, n, "response_p99", ns, "response_p50", ns / 3);
}

static const struct pm_env quiet_env = { .warning_count = 0 };

static struct pm_env noisy_env(void)
{
	struct pm_env env = {
		.warnings = {
			{ "governor", PM_SEVERITY_WARN,
			  "the CPU clock is governed by \"powersave\"",
			  "cpupower frequency-set -g performance" },
			{ "boost", PM_SEVERITY_INFO, "the CPU raises its clock",
			  NULL } },
		.warning_count = 2,
	};

	return env;
}

static const struct ipc_engine null_engine = { .name = "null" };

#define COMMON "time=200ms warmup=50ms "

static void fill_whole(struct sample_run *run)
{
	struct pm_run_cell *c;
	struct pm_trial *t;

	sample_run_start(run, 1, 6);
	sample_run_cell(run, "pipe", COMMON "message=64");
	warn(rtt(run, 6, 4100), 2, PM_WARN_NOT_STEADY); /* 2 of 6: no mark */
	sample_run_cell(run, "fifo", COMMON "message=64 transport=fifo");
	warn(rtt(run, 6, 4150), 3, PM_WARN_NOT_STEADY);
	sample_run_cell(run, "unix-stream",
			COMMON "message=64 transport=unix-stream "
			"placement=same");
	rtt(run, 6, 7300);
	sample_run_cell(run, "pipe", COMMON "message=64 slots=32");
	rtt(run, 6, 4900);
	c = sample_run_cell(run, NULL, COMMON "message=64 io=null");
	c->pairing[0].producer = c->pairing[0].consumer = &null_engine;
	rtt(run, 6, 12);
	sample_run_cell(run, "pipe", COMMON "message=64K workload=stream");
	rate(run, 6, 3.2e9, 65536)->warnings = PM_WARN_STEAL;
	sample_run_cell(run, "pipe",
			COMMON "message=64K workload=stream "
			"buffer=1M read-size=1M");
	t = rate(run, 6, 6.4e9, 65536);
	for (int i = 0; i < 6; i++)
		t[-i].metrics[pm_metric_find("consumer.messages_per_op")] = 7.5;
	sample_run_cell(run, "unix-stream",
			COMMON "message=64K workload=stream "
			"transport=unix-stream");
	rate(run, 5, 0.9e9, 65536);
	t = sample_run_trial(run, NULL, 0);
	t->ok = false;
	t->phase = PM_PHASE_DRAIN;
	t->err_end = PM_PRODUCER;
	ipc_refuse(&t->err, IPC_GONE, "write", "the consumer has left");
	sample_run_cell(run, "pipe",
			COMMON "message=64K workload=stream verify=yes");
	rate(run, 6, 2.1e9, 65536)->lost = 2;
	for (unsigned i = 0; i < 3; i++) {
		static const char *const settings[] = {
			COMMON "message=64K transport=packet",
			COMMON "message=64K transport=packet workload=stream",
			COMMON "message=64K transport=packet workload=stream "
			       "buffer=1M"
		};

		c = sample_run_cell(run, NULL, settings[i]);
		ipc_refuse(&c->skip[0], IPC_UNSUPPORTED, "message",
			   i > 1 ? "buffer=1M is more than "
				   "/proc/sys/fs/pipe-max-size allows"
				 : "packet carries messages of up to 4096 "
				   "bytes: message=4K, or transport=pipe");
	}
}

static bool a_whole_screen(void)
{
	struct pm_env env = noisy_env();
	struct sample_run run;
	bool ok;

	fill_whole(&run);
	ok = is_golden("whole", &run, (struct pm_screen){ .env = &env });
	ok &= is_golden("narrow", &run,
			(struct pm_screen){ .width = 60, .env = &env });
	ok &= is_golden("color", &run,
			(struct pm_screen){ .width = 100, .env = &quiet_env,
					    .color = true });
	sample_run_free(&run);
	return ok;
}

/* Rates are questions of their own; what is void is not ranked. */
static bool paced_cells(void)
{
#define PACED "message=64 workload=paced "
	struct sample_run run;
	bool ok;

	sample_run_start(&run, 1, 6);
	sample_run_cell(&run, "pipe", PACED "rate=20K");
	warn(response(&run, 6, 60e3), 3, PM_WARN_LATE);
	sample_run_cell(&run, "unix-stream", PACED "rate=20K "
			"transport=unix-stream");
	warn(response(&run, 6, 40e3), 3, PM_WARN_LATE | PM_WARN_VOID);
	sample_run_cell(&run, "fifo", PACED "rate=20K transport=fifo");
	response(&run, 6, 80e3);
	sample_run_cell(&run, "pipe", "message=4K workload=paced "
			"rate=500K arrival=poisson");
	warn(response(&run, 6, 9e6), 3, PM_WARN_MISSED);
	sample_run_cell(&run, "pipe", PACED "rate=100K arrival=poisson");
	warn(response(&run, 6, 90e3), 1, PM_WARN_MISSED);
	ok = is_golden("paced", &run, (struct pm_screen){ .env = &quiet_env });
	sample_run_free(&run);
	return ok;
}

static bool is_sweep(const char *golden, unsigned last)
{
	static const struct { const char *rate; double p99_ns; } points[] = {
		{ "rate=10K", 50e3 }, { "rate=40K", 60e3 },
		{ "rate=80K", 110e3 }, { "rate=160K", 3e6 },
	};
	struct sample_run run;
	char settings[80];
	bool ok;

	sample_run_start(&run, 1, 6);
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		snprintf(settings, sizeof(settings), PACED "%s",
			 points[i].rate);
		sample_run_cell(&run, "pipe", settings);
		warn(response(&run, 6, points[i].p99_ns), i == 3 ? 6 : 0,
		     last);
	}
	ok = is_golden(golden, &run, (struct pm_screen){ .env = &quiet_env });
	sample_run_free(&run);
	return ok;
}

/* Several rates of one configuration are one table. */
static bool a_sweep(void)
{
	return is_sweep("sweep", PM_WARN_MISSED) &&
	       is_sweep("sweep-late", PM_WARN_MISSED | PM_WARN_VOID);
}

/* No line of a table, an answer or a list may be wider than the screen. */
static bool tables_keep_to_the_width(void)
{
	struct sample_run run;

	fill_whole(&run);
	for (unsigned width = 60; width <= 140; width += 20) {
		struct pm_screen screen = { .width = width,
					    .env = &quiet_env };
		char *text = printed(&run, screen), *line;

		CHECK(text);
		line = strstr(text, "\npingpong, ");
		CHECK(line && strstr(line, "\n  F  "));
		*strstr(line, "\n  F  ") = '\0';
		for (line++; *line; line += strspn(line, "\n")) {
			size_t n = strcspn(line, "\n");

			if (n > width)
				tap_note("%.*s", (int)n, line);
			CHECK(n <= width);
			line += n;
		}
		free(text);
	}
	sample_run_free(&run);
	return true;
}

/* Every line with a number, and every head, must say so. */
static bool wine_is_on_every_answer_and_head(void)
{
	struct sample_run run;
	struct pm_screen screen = { .env = &quiet_env, .wine = "wine 8.0" };
	char *text, *line;
	bool ok;

	sample_run_start(&run, 1, 6);
	sample_run_cell(&run, "anon", "message=64");
	rtt(&run, 6, 9000);
	sample_run_cell(&run, "named", "message=64 kind=named");
	rtt(&run, 6, 19000);
	sample_run_cell(&run, "named",
			"message=4K workload=stream kind=named mode=message");
	rate(&run, 6, 2e8, 4096);
	ipc_refuse(&sample_run_cell(&run, NULL, "mode=message")->skip[0],
		   IPC_UNSUPPORTED, "mode", "CreatePipe has no message mode");
	text = printed(&run, screen);
	CHECK(text);
	for (line = text; *line; line += strcspn(line, "\n") + 1) {
		char one[512];

		snprintf(one, sizeof(one), "%.*s", (int)strcspn(line, "\n"),
			 line);
		if (!strncmp(one, "Fastest", 7) || strstr(one, " trials of ") ||
		    !strncmp(one, "pingpong", 8) || !strncmp(one, "stream", 6) ||
		    !strncmp(one, "  pingpong", 10) ||
		    !strncmp(one, "  stream", 8) || strstr(one, "skipped"))
			CHECK(strstr(one, "Wine"));
	}
	free(text);
	ok = is_golden("wine", &run, screen);
	sample_run_free(&run);
	return ok;
}

static bool few_trials_rank_nothing(void)
{
	struct sample_run run;
	bool ok;

	sample_run_start(&run, 2, 3);
	run.plan.sets[1] = "kind=named";
	sample_run_cell(&run, "pipe", "");
	sample_run_arm_b(&run, "fifo", "kind=named");
	for (unsigned i = 0; i < 3; i++) {
		sample_run_trial(&run, "rtt_p50", 4000 + i);
		sample_run_trial(&run, "rtt_p50", 8000 + i)->arm = 'b';
	}
	ok = is_golden("arms", &run, (struct pm_screen){ .env = &quiet_env });
	sample_run_free(&run);
	return ok;
}

/* Nobody timed a round trip: there is still how many they were a second. */
static bool without_stamps_there_is_a_mean(void)
{
	struct pm_screen screen = { .env = &quiet_env };
	struct sample_run run;
	char *text;

	sample_run_start(&run, 1, 6);
	sample_run_cell(&run, "pipe", "stamp=none");
	for (unsigned i = 0; i < 6; i++)
		sample_run_trial(&run, "messages_per_s", 160e3 + i);
	text = printed(&run, screen);
	CHECK(text);
	CHECK(strstr(text, "6.25 us"));
	CHECK(strstr(text, "A  without stamps"));
	CHECK(!strstr(text, "p99 needs"));
	free(text);
	sample_run_free(&run);
	return true;
}

static bool nothing_measured_is_said(void)
{
	struct sample_run run;
	struct pm_trial *t;
	bool ok;

	sample_run_start(&run, 1, 2);
	sample_run_cell(&run, "pipe", "");
	for (unsigned i = 0; i < 2; i++) {
		t = sample_run_trial(&run, NULL, 0);
		t->ok = false;
		t->phase = PM_PHASE_OPEN;
		ipc_refuse(&t->err, IPC_TIMEOUT, "ready",
			   "no answer within 10 s");
	}
	ok = is_golden("nothing", &run,
		       (struct pm_screen){ .env = &quiet_env });
	sample_run_free(&run);
	return ok;
}

static bool intervals_that_touch_are_alike(void)
{
	struct pm_row a = { .speed = { .lo = 1, .hi = 2 } };
	struct pm_row b = { .speed = { .lo = 2, .hi = 3 } };

	CHECK(pm_rows_compare(&a, &b) == PM_ALIKE);
	CHECK(pm_rows_compare(&b, &a) == PM_ALIKE);
	b.speed.lo = 2.001;
	CHECK(pm_rows_compare(&a, &b) == PM_DIFFERENT);
	CHECK(pm_rows_compare(&b, &a) == PM_DIFFERENT);
	b.speed.lo = b.speed.hi = NAN;
	CHECK(pm_rows_compare(&a, &b) == PM_UNJUDGED);
	CHECK(pm_rows_compare(&b, &a) == PM_UNJUDGED);
	return true;
}

static bool figures_have_three_digits(void)
{
	static const struct {
		double value;
		const char *ns, *count;
	} rows[] = {
		{ 0.5, "0.50 ns", "0" },	{ 12.34, "12.3 ns", "12" },
		{ 999, "999 ns", "999" },	{ 4100, "4.10 us", "4100" },
		{ 9996, "10.0 us", "9996" },	{ 123456, "123 us", "123k" },
		{ 2.5e6, "2.50 ms", "2.50M" },	{ 7e9, "7.00 s", "7000M" },
		{ NAN, "-", "-" },
	};
	char buf[24];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK(!strcmp(pm_figure_ns(rows[i].value, buf), rows[i].ns));
		CHECK(!strcmp(pm_figure_count(rows[i].value, buf),
			      rows[i].count));
	}
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(figures_have_three_digits);
	TEST(intervals_that_touch_are_alike);
	TEST(a_whole_screen);
	TEST(paced_cells);
	TEST(a_sweep);
	TEST(tables_keep_to_the_width);
	TEST(wine_is_on_every_answer_and_head);
	TEST(few_trials_rank_nothing);
	TEST(without_stamps_there_is_a_mean);
	TEST(nothing_measured_is_said);
	return tap_done();
}
