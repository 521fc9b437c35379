#include "bench/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/digest.h"
#include "bench/json_read.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

/* Two cells, the second one skipped, and three trials of the first. */
static void make_run(struct sample_run *run)
{
	static char name[] = "run", matrix[] = "sp\xc3\xa4t",
		    trials[] = "--trials=3";
	static char *argv[] = { name, matrix, trials };
	struct pm_trial *t;

	sample_run_start(run, 1, 3);
	run->plan.argc = 3;
	run->plan.argv = argv;
	sample_run_cell(run, NULL, "message=64K mode=message transport=packet");
	ipc_refuse(&run->plan.cells[0].skip[0], IPC_UNSUPPORTED, "message",
		   "packet carries 4096 bytes at most");
	sample_run_cell(run, "pipe", "message=64 workload=stream buffer=os");
	t = sample_run_trial(run, "messages_per_s", 1234567.25);
	t->metrics[pm_metric_find("bytes_per_s")] = 79012304;
	t->measure_ns = 200000000;
	t->asked_bytes = 65536;
	t->effective_bytes[0] = t->effective_bytes[1] = 65536;
	t->warnings = PM_WARN_NOT_STEADY | PM_WARN_STEAL;
	t->cpus[0][0] = t->cpus[0][1] = 1;
	strcpy(t->how[0], "blocking \"x\"");
	t = sample_run_trial(run, NULL, 0);
	t->ok = false;
	t->phase = PM_PHASE_MEASURE;
	t->err_end = PM_PRODUCER;
	t->lost = 3;
	ipc_refuse(&t->err, IPC_GONE, "write", "the consumer has left");
	sample_run_trial(run, "messages_per_s", NAN)->asked_bytes =
		IPC_BUFFER_OS;
}

static bool write_run(const char *path, struct sample_run *run, bool ended)
{
	struct pm_result *result;
	struct ipc_err err;
	char text[512];

	remove(path);
	if (pm_result_create(path, &run->plan, &result, &err)) {
		tap_note("%s", ipc_err_text(&err, text, sizeof(text)));
		return false;
	}
	for (size_t i = 0; i < run->samples.count; i++)
		if (pm_result_trial(result, &run->plan, &run->samples.trials[i],
				    &err))
			return false;
	if (ended)
		return !pm_result_finish(result, false, &err);
	pm_result_close(result);
	return true;
}

/* Line n, from 1, of text, terminated in place. */
static char *line_of(char *text, unsigned n)
{
	while (--n)
		text = strchr(text, '\n') + 1;
	*strchr(text, '\n') = '\0';
	return text;
}

static const char trial_0[] =
	"{\"t\":\"trial\",\"cell\":1,"
	"\"id\":\"buffer=os message=64 workload=stream\",\"arm\":\"a\","
	"\"round\":0,\"slot\":0,\"pair\":0,\"ok\":true,\"phase\":\"done\","
	"\"error\":null,\"start_ns\":0,\"setup_ns\":0,\"warmup_ns\":0,"
	"\"measure_ns\":200000000,\"messages\":0,\"bytes\":0,"
	"\"buffers\":{\"asked\":65536,\"producer\":65536,\"consumer\":65536},"
	"\"how\":{\"producer\":\"blocking \\\"x\\\"\",\"consumer\":\"\"},"
	"\"metrics\":{\"rtt_mean\":null,\"rtt_p50\":null,\"rtt_p90\":null,"
	"\"rtt_p99\":null,\"rtt_p999\":null,\"rtt_max\":null,"
	"\"bytes_per_s\":79012304,"
	"\"messages_per_s\":1234567.25},"
	"\"hist\":{\"rtt\":{}},\"series\":{},"
	"\"cpus\":{\"producer\":[1,1],\"consumer\":[-1,-1]},"
	"\"integrity\":{\"lost\":0,\"repeated\":0,\"reordered\":0,"
	"\"corrupt\":0},"
	"\"noise\":{\"steal_ticks\":null,\"gap_max_ns\":null},"
	"\"warnings\":[\"not-steady\",\"steal\"]}";

static const char trial_1_error[] =
	"\"ok\":false,\"phase\":\"measure\",\"error\":{\"class\":\"gone\","
	"\"op\":\"write\",\"space\":null,\"code\":0,\"name\":null,"
	"\"end\":\"producer\",\"text\":\"write: the consumer has left\"}";

static const char cell_0_start[] =
	"{\"t\":\"cell\",\"n\":0,\"arm\":\"a\","
	"\"id\":\"message=64K mode=message transport=packet\","
	"\"skip\":{\"class\":\"unsupported\","
	"\"reason\":\"packet carries 4096 bytes at most\"},"
	"\"workload_version\":1,\"knobs\":{\"kind\":{\"v\":\"anonymous\","
	"\"from\":\"\"},\"mode\":{\"v\":\"message\","
	"\"from\":\"command line\"},\"read-mode\":{\"v\":\"message\","
	"\"from\":\"\"},";

static const char cell_0_end[] =
	"\"became\":{\"transport\":null,\"producer\":null,\"consumer\":null}}";

static bool records_are_as_in_the_format(void)
{
	static char empty[] = "{}";
	char path[256], *text, *line;
	struct sample_run run;
	struct pm_trial *t;

	make_run(&run);
	t = &run.samples.trials[0];
	/* of what was recorded, what is too little to say is null */
	strcpy(t->hists[2].name, "rtt");
	t->hists[2].json = t->series = empty;
	CHECK(write_run(sample_file_name("records", path), &run, true));
	t->hists[2].json = t->series = NULL;
	text = sample_file_text(path, NULL);
	CHECK(text);
	line = line_of(text, 3);
	CHECK(!strncmp(line, cell_0_start, sizeof(cell_0_start) - 1));
	CHECK(strstr(line, "\"message\":{\"v\":\"64K\",\"n\":65536,"
			   "\"from\":\"command line\"}"));
	CHECK(!strcmp(line + strlen(line) - sizeof(cell_0_end) + 1,
		      cell_0_end));
	line = line_of(line + strlen(line) + 1, 1);
	CHECK(strstr(line, "\"buffer\":{\"v\":\"os\",\"from\":"));
	CHECK(strstr(line, "\"became\":{\"transport\":\"pipe\","));
	line = line_of(line + strlen(line) + 1, 1);
	if (strcmp(line, trial_0) != 0)
		tap_note("%s", line);
	CHECK(!strcmp(line, trial_0));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool failed_trials_say_why(void)
{
	char path[256], *text, *line;
	struct sample_run run;

	make_run(&run);
	CHECK(write_run(sample_file_name("failed", path), &run, true));
	text = sample_file_text(path, NULL);
	line = line_of(text, 6);
	CHECK(strstr(line, trial_1_error));
	CHECK(strstr(line, "\"metrics\":{},\"hist\":{},\"series\":null"));
	CHECK(strstr(line, "\"lost\":3,"));
	line += strlen(line) + 1;
	CHECK(strstr(line, "\"buffers\":{\"asked\":null,"));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool every_line_is_json(void)
{
	static const char *const types[] = { "run",   "env",   "cell", "cell",
					     "trial", "trial", "trial", "end" };
	char path[256], *text, *line;
	struct pm_doc doc = { 0 };
	struct sample_run run;
	unsigned n = 0;

	make_run(&run);
	CHECK(write_run(sample_file_name("lines", path), &run, true));
	text = line = sample_file_text(path, NULL);
	for (; *line; n++) {
		size_t length = strcspn(line, "\n");

		CHECK(n < 8 && line[length] == '\n');
		CHECK(pm_doc_parse(&doc, line, length));
		CHECK(!strncmp(line, "{\"t\":\"", 6)); /* the first key */
		CHECK(pm_doc_says(&doc, pm_doc_get(&doc, 0, "t"), types[n]));
		line += length + 1;
	}
	CHECK_EQ(n, 8);
	pm_doc_free(&doc);
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool the_head_says_who_made_it(void)
{
	static const char start[] = "{\"t\":\"run\",\"schema\":"
				    "\"pipemark-result/1.0\",\"id\":\"";
	char path[256], *text, *line, *id;
	struct sample_run run;

	make_run(&run);
	CHECK(write_run(sample_file_name("head", path), &run, false));
	text = line = sample_file_text(path, NULL);
	line_of(line, 1);
	CHECK(!strncmp(line, start, sizeof(start) - 1));
	id = line + sizeof(start) - 1;
	CHECK(strchr("abcdef", id[0]) && strcspn(id, "\"") == 16);
	CHECK(strstr(line, "\"argv\":[\"run\",\"sp\xc3\xa4t\",\"--trials=3\"],"
			   "\"seed\":42,\"plan\":{\"cells\":2,\"skipped\":1,"
			   "\"trials\":3,\"arms\":[\"a\"],"
			   "\"sets\":{\"a\":\"\"}},\"clock\":{"
			   "\"source\":\"tsc\",\"rate\":2000000000,"
			   "\"resolution_ps\":500,\"read_ns\":19.9}"));
	CHECK(strstr(line, "{\"name\":\"mode\",\"type\":\"choice\","
			   "\"def\":\"byte\","
			   "\"choices\":[\"byte\",\"message\"],"
			   "\"group\":\"Pipe\",\"help\":"));
	CHECK(strstr(line, "{\"name\":\"buffer\",\"type\":\"number\","
			   "\"unit\":\"bytes\",\"def\":\"64K\","
			   "\"words\":[\"os\"],"));
	CHECK(strstr(line, "{\"name\":\"rtt_p50\",\"unit\":\"ns\","
			   "\"better\":\"lower\",\"help\":"));
	line += strlen(line) + 1;
	CHECK(!strncmp(line, "{\"t\":\"env\",\"id\":\"", 17));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool the_digest_is_of_all_lines_before(void)
{
	char path[256], *text, *end, expected[128];
	struct sample_run run;
	uint64_t digest;

	make_run(&run);
	CHECK(write_run(sample_file_name("digest", path), &run, true));
	text = sample_file_text(path, NULL);
	end = strstr(text, "{\"t\":\"end\"");
	CHECK(end);
	digest = pm_digest(PM_DIGEST_START, text, (size_t)(end - text));
	snprintf(expected, sizeof(expected),
		 "{\"t\":\"end\",\"trials\":3,\"failed\":1,\"skipped_cells\":1,"
		 "\"interrupted\":false,\"digest\":\"fnv1a64:%016" PRIx64
		 "\"}\n", digest);
	CHECK(!strcmp(end, expected));
	/* the published test vectors of FNV-1a */
	CHECK(pm_digest(PM_DIGEST_START, "a", 1) ==
	      UINT64_C(0xaf63dc4c8601ec8c));
	CHECK(pm_digest(PM_DIGEST_START, "foobar", 6) ==
	      UINT64_C(0x85944171f73967e8));
	free(text);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool it_never_overwrites(void)
{
	struct pm_result *result;
	struct sample_run run;
	struct ipc_err err;
	char path[256];

	make_run(&run);
	CHECK(write_run(sample_file_name("twice", path), &run, true));
	CHECK_EQ(pm_result_create(path, &run.plan, &result, &err), IPC_BUSY);
	CHECK(strstr(err.what, path) && !result);
	remove(path);
	sample_run_free(&run);
	return true;
}

static bool each_of_one_second_has_a_name(void)
{
	char prefix[256], path[3][PM_RESULT_PATH_MAX];
	struct pm_result *result;
	struct sample_run run;
	struct ipc_err err;

	make_run(&run);
	sample_file_name("named", prefix);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(pm_result_create_named(prefix, path[i], &run.plan,
						&result, &err), IPC_OK);
		pm_result_close(result);
	}
	CHECK(strcmp(path[0], path[1]) && strcmp(path[1], path[2]));
	for (int i = 0; i < 3; i++)
		remove(path[i]);
	sample_run_free(&run);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(records_are_as_in_the_format);
	TEST(failed_trials_say_why);
	TEST(every_line_is_json);
	TEST(the_head_says_who_made_it);
	TEST(the_digest_is_of_all_lines_before);
	TEST(it_never_overwrites);
	TEST(each_of_one_second_has_a_name);
	return tap_done();
}
