#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json_read.h"
#include "bench/knob.h"
#include "bench/result.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static void make_run(struct sample_run *run)
{
	static char name[] = "run", odd[] = "a\"\\\n\x7f\xf0\x9f\x98\x80";
	static char *argv[] = { name, odd };
	struct pm_trial *t;

	sample_run_start(run, 2, 4);
	run->plan.argc = 2;
	run->plan.argv = argv;
	run->plan.seed = UINT64_MAX;
	run->plan.sets[0] = "kind=anonymous";
	run->plan.sets[1] = "kind=named";
	sample_run_cell(run, "pipe", "message=1500 message-min=100 verify=yes");
	sample_run_arm_b(run, "fifo",
			 "message=1500 message-min=100 verify=yes kind=named");
	sample_run_cell(run, "pipe",
			"workload=stream read-size=64K time=1500us");
	sample_run_arm_b(run, NULL,
			 "workload=stream read-size=64K "
			 "time=1500us mode=message");
	ipc_refuse(&run->plan.cells[1].skip[1], IPC_UNSUPPORTED, "x",
		   "no \"such\" thing");
	t = sample_run_trial(run, "bytes_per_s", 1.25e9);
	t->round = 3;
	t->pair = 1;
	t->arm = 'b';
	t->asked_bytes = 65536;
	t->cpus[1][0] = 5;
	t->warnings = PM_WARN_FEW | PM_WARN_CLAMPED;
	t->repeated = 7;
	t->start_ns = UINT64_C(1795226584123456789);
	strcpy(t->how[1], "defer, chain");
	t = sample_run_trial(run, NULL, 0);
	t->cell = 0;
	t->ok = false;
	t->phase = PM_PHASE_WARMUP;
	t->err_end = PM_CONSUMER;
	t->err = (struct ipc_err){ .rc = IPC_GONE, .op = "read",
				   .what = "pipe" };
}

static char *write_run(const char *path, const struct sample_run *run,
		       size_t *length)
{
	struct pm_result *result;
	bool ok;

	remove(path);
	ok = !pm_result_create(path, &run->plan, &result, NULL);
	for (size_t i = 0; ok && i < run->samples.count; i++)
		ok = !pm_result_trial(result, &run->plan,
				      &run->samples.trials[i], NULL);
	ok = ok && !pm_result_finish(result, false, NULL);
	return ok ? sample_file_text(path, length) : NULL;
}

static bool write_bytes(const char *path, const char *bytes, size_t length)
{
	FILE *file;
	bool ok;

	remove(path);
	file = ipc_file_create(path, NULL);
	ok = file && fwrite(bytes, 1, length, file) == length;
	return file && !fclose(file) && ok;
}

static bool same_cell(const struct pm_cell *a, const struct pm_cell *b)
{
	CHECK(!strcmp(a->id, b->id));
	for (size_t i = 0; i < pm_knob_count; i++) {
		CHECK(pm_knob_equal(&pm_knobs[i], &a->config, &b->config));
		CHECK(!strcmp(a->origin[i], b->origin[i]));
	}
	CHECK_EQ(a->config.io.size, b->config.io.size);
	return true;
}

static bool same_trial(const struct pm_trial *a, const struct pm_trial *b)
{
	CHECK_EQ(a->cell, b->cell);
	CHECK_EQ(a->round, b->round);
	CHECK_EQ(a->slot, b->slot);
	CHECK_EQ(a->pair, b->pair);
	CHECK_EQ(a->arm, b->arm);
	CHECK_EQ(a->ok, b->ok);
	CHECK_EQ(a->phase, b->phase);
	CHECK_EQ(a->err.rc, b->err.rc);
	CHECK_EQ(a->err_end, b->err_end);
	CHECK_EQ(a->start_ns, b->start_ns);
	CHECK_EQ(a->asked_bytes, b->asked_bytes);
	CHECK_EQ(a->warnings, b->warnings);
	CHECK_EQ(a->repeated, b->repeated);
	CHECK_EQ(a->steal_ticks, b->steal_ticks);
	CHECK(!memcmp(a->cpus, b->cpus, sizeof(a->cpus)));
	CHECK(!strcmp(a->how[1], b->how[1]));
	for (size_t i = 0; i < pm_metric_count; i++)
		CHECK(a->metrics[i] == b->metrics[i] ||
		      (isnan(a->metrics[i]) && isnan(b->metrics[i])));
	return true;
}

static bool what_was_written_is_read(void)
{
	struct sample_run run;
	struct pm_past past;
	char path[256], *text;
	size_t length;

	make_run(&run);
	run.plan.cells[0].sentinel = true;
	text = write_run(sample_file_name("whole", path), &run, &length);
	CHECK(text && !pm_past_read(path, &past, NULL));
	CHECK(past.plan.cells[0].sentinel && !past.plan.cells[1].sentinel);
	CHECK(past.ended && !past.truncated && past.whole_bytes == length);
	CHECK_EQ(past.trials, 4);
	CHECK(past.plan.seed == UINT64_MAX && past.plan.arms == 2);
	CHECK(!strcmp(past.plan.sets[1], "kind=named"));
	CHECK(past.plan.argc == 2);
	CHECK(!strcmp(past.plan.argv[1], run.plan.argv[1]));
	CHECK(!strcmp(past.host, ipc_host_name()));
	CHECK_EQ(past.plan.cell_count, 2);
	for (unsigned i = 0; i < 4; i++)
		CHECK(same_cell(&past.plan.cells[i / 2].cell[i % 2],
				&run.plan.cells[i / 2].cell[i % 2]));
	CHECK_EQ(past.plan.cells[1].skip[1].rc, IPC_UNSUPPORTED);
	CHECK(!strcmp(past.plan.cells[1].skip[1].what, "no \"such\" thing"));
	CHECK(!past.plan.cells[1].skip[0].rc);
	CHECK_EQ(past.done_count, 2);
	CHECK(same_trial(&past.done[0], &run.samples.trials[0]));
	CHECK(same_trial(&past.done[1], &run.samples.trials[1]));
	CHECK(!strcmp(past.done[1].err.what, "read: pipe"));
	pm_past_free(&past);
	pm_past_free(&past);
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool lines_know_their_cells(void)
{
	static const unsigned cells[] = { UINT_MAX, UINT_MAX, UINT_MAX, 0, 0,
					  1, 1, 1, 0, UINT_MAX };
	struct sample_run run;
	struct pm_past past;
	char path[256];

	make_run(&run);
	free(write_run(sample_file_name("lines", path), &run, NULL));
	CHECK(!pm_past_read(path, &past, NULL));
	CHECK_EQ(past.line_cell_count, 10);
	for (size_t i = 0; i < 10; i++)
		CHECK_EQ(past.line_cell[i], cells[i]);
	for (size_t i = 0; i < 10; i++)
		CHECK_EQ(past.line_arm[i], "aaaababbaa"[i]);
	pm_past_free(&past);
	remove(path);
	sample_run_free(&run);
	return true;
}

/* At every length: good, or one clear error, and never more than is there. */
static bool any_prefix_is_read_or_refused(void)
{
	struct sample_run run;
	char path[256], *text;
	size_t length, head;

	make_run(&run);
	text = write_run(sample_file_name("prefix", path), &run, &length);
	head = (size_t)(strstr(text, "{\"t\":\"trial\"") - text);
	for (size_t n = 0; n <= length; n += n < head ? 97 : 1) {
		struct pm_past past;
		struct ipc_err err = { .rc = IPC_OK };
		enum ipc_rc rc;

		CHECK(write_bytes(path, text, n));
		rc = pm_past_read(path, &past, &err);
		CHECK(rc == (n < head ? IPC_INVALID : IPC_OK));
		if (rc) {
			CHECK(strstr(err.what, "prefix:"));
			continue;
		}
		CHECK(past.truncated == (text[n - 1] != '\n'));
		CHECK(past.whole_bytes <= n && past.done_count <= 2);
		CHECK(!past.whole_bytes || text[past.whole_bytes - 1] == '\n');
		pm_past_free(&past);
	}
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

/* What the reader says of text with `from` replaced by `to`. */
static enum ipc_rc with_change(const char *path, const char *text,
			       const char *from, const char *to, char *what)
{
	const char *at = strstr(text, from);
	size_t before = at ? (size_t)(at - text) : 0, n = strlen(from);
	char *changed = malloc(strlen(text) + strlen(to) + 1);
	struct ipc_err err = { .what = "" };
	struct pm_past past;
	enum ipc_rc rc;

	if (!at || !changed)
		return IPC_OS;
	memcpy(changed, text, before);
	strcpy(changed + before, to);
	strcat(changed, at + n);
	if (!write_bytes(path, changed, strlen(changed)))
		return IPC_OS;
	rc = pm_past_read(path, &past, &err);
	if (!rc)
		pm_past_free(&past);
	strcpy(what, err.what);
	free(changed);
	return rc;
}

static bool each_damage_has_its_words(void)
{
	static const struct {
		const char *from, *to, *said;
	} rows[] = {
		{ "pipemark-result/1.0", "pipemark-result/2.0", "newer major" },
		{ "pipemark-result/1.0", "other/1.0", "no result file" },
		{ "{\"t\":\"run\"", "{\"t\":\"ran\"", "no result file" },
		{ "{\"t\":\"run\"", "\x1f\x8b\"run\"", "gunzip" },
		{ "{\"t\":\"env\"", "{\"t\":\"run\"", "second run" },
		{ "{\"t\":\"env\"", "{\"t\":", ":2: the line is broken" },
		{ "{\"t\":\"env\"", "{\"k\":\"env\"", "without a type" },
		{ "\"cells\":2", "\"cells\":3", "before its first trial" },
		{ "\"cells\":2", "\"cells\":-2", "lacks a part" },
		{ "\"n\":1,\"arm\":\"a\"", "\"n\":7,\"arm\":\"a\"",
		  "the plan has not" },
		{ "\"n\":1,\"arm\":\"a\"", "\"n\":0,\"arm\":\"a\"",
		  "out of its order" },
		{ "\"arm\":\"b\"", "\"arm\":\"c\"", "the plan has not" },
		{ "\"verify\":{\"v\":\"yes\"", "\"verify\":{\"v\":\"maybe\"",
		  "does not have" },
		{ "\"verify\":{\"v\":\"yes\"", "\"verity\":{\"v\":\"yes\"",
		  "does not have" },
		{ "\"verify\":{\"v\":\"yes\"", "\"verify\":{\"v\":\"no\"",
		  "do not give its id" },
		{ "\"cell\":1,\"id\"", "\"cell\":2,\"id\"", "is not there" },
		{ "\"phase\":\"warmup\"", "\"phase\":\"nap\"", "state" },
	};
	struct sample_run run;
	char path[256], what[IPC_NAME_MAX], *text;

	make_run(&run);
	text = write_run(sample_file_name("damage", path), &run, NULL);
	strstr(text, "{\"t\":\"end\"")[0] = '\0'; /* it would see it first */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum ipc_rc rc = with_change(path, text, rows[i].from,
					     rows[i].to, what);

		if (rc != IPC_INVALID || !strstr(what, rows[i].said))
			tap_note("%s -> %s: %s", rows[i].from, rows[i].to,
				 what);
		CHECK(rc == IPC_INVALID && strstr(what, rows[i].said));
		CHECK(strstr(what, "damage:"));
	}
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool the_digest_sees_the_rest(void)
{
	struct sample_run run;
	char path[256], what[IPC_NAME_MAX], *text;

	make_run(&run);
	text = write_run(sample_file_name("digest", path), &run, NULL);
	CHECK_EQ(with_change(path, text, "\"pair\":1", "\"pair\":0", what),
		 IPC_INVALID);
	CHECK(strstr(what, "digest:9: its digest is not that"));
	CHECK_EQ(with_change(path, text, "fnv1a64:", "crc:", what),
		 IPC_INVALID);
	CHECK_EQ(with_change(path, text, "\"digest\":\"", "\"d\":\"", what),
		 IPC_INVALID);
	CHECK(strstr(what, "without a digest"));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool minor_versions_and_new_keys_are_fine(void)
{
	struct sample_run run;
	char path[256], what[IPC_NAME_MAX], *text;

	make_run(&run);
	text = write_run(sample_file_name("minor", path), &run, NULL);
	strstr(text, "{\"t\":\"end\"")[0] = '\0'; /* it has the digest */
	CHECK(!with_change(path, text, "/1.0", "/1.7", what));
	CHECK(!with_change(path, text, "\"seed\"", "\"new\":{\"a\":[1,{}]},"
			   "\"seed\"", what));
	CHECK(!with_change(path, text, "{\"t\":\"trial\"",
			   "{\"t\":\"canary\",\"x\":[1,2]}\n{\"t\":\"trial\"",
			   what));
	CHECK(!with_change(path, text, "\"metrics\":{\"bytes_per_s\"",
			   "\"metrics\":{\"newer\":1,\"bytes_per_s\"", what));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool zeros_of_a_crash_are_cut(void)
{
	struct sample_run run;
	struct pm_past past;
	char path[256], *text;
	size_t length;

	make_run(&run);
	text = write_run(sample_file_name("zeros", path), &run, &length);
	memset(text + length - 40, 0, 40); /* as journals leave it */
	CHECK(write_bytes(path, text, length));
	CHECK(!pm_past_read(path, &past, NULL));
	CHECK(past.truncated && past.done_count == 2);
	pm_past_free(&past);
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

/* Cut it anywhere in its trials, go on: whole again, digest included. */
static bool resuming_makes_it_whole(void)
{
	struct sample_run run;
	char path[256], *text, *again;
	size_t length;

	make_run(&run);
	text = write_run(sample_file_name("resume", path), &run, &length);
	for (size_t n = length - 1000; n <= length; n += 111) {
		struct pm_result *result;
		struct pm_past past;
		size_t had;

		CHECK(write_bytes(path, text, n));
		CHECK(!pm_past_read(path, &past, NULL));
		had = past.done_count;
		CHECK(!pm_result_resume(path, &past, &result, NULL));
		CHECK(!strcmp(pm_result_id(result), past.run_id));
		CHECK(!pm_result_trial(result, &run.plan,
				       &run.samples.trials[0], NULL));
		CHECK(!pm_result_finish(result, true, NULL));
		CHECK(!memcmp(past.run_id, strstr(text, "\"id\":\"") + 6, 16));
		pm_past_free(&past);
		CHECK(!pm_past_read(path, &past, NULL)); /* digest fits */
		CHECK(past.ended && !past.truncated);
		CHECK_EQ(past.done_count, had + 1);
		pm_past_free(&past);
		again = sample_file_text(path, NULL);
		CHECK(strstr(again, had ? "\"trials\":2,\"failed\":0" :
					  "\"trials\":1,\"failed\":0") ||
		      strstr(again, "\"trials\":3,\"failed\":1"));
		free(again);
	}
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool no_file_is_not_found(void)
{
	struct pm_past past;
	struct ipc_err err;

	CHECK_EQ(pm_past_read("/no/such/file", &past, &err), IPC_NOT_FOUND);
	CHECK(strstr(err.what, "/no/such/file") && err.os_code);
	return true;
}

int main(void)
{
	tap_start(300);
	TEST(what_was_written_is_read);
	TEST(lines_know_their_cells);
	TEST(any_prefix_is_read_or_refused);
	TEST(each_damage_has_its_words);
	TEST(the_digest_sees_the_rest);
	TEST(minor_versions_and_new_keys_are_fine);
	TEST(zeros_of_a_crash_are_cut);
	TEST(resuming_makes_it_whole);
	TEST(no_file_is_not_found);
	return tap_done();
}
