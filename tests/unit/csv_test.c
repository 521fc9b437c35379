#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/summary.h"
#include "ipc/sys.h"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

/* Field n of a line, quotes taken off; ends at the line's end. */
static const char *field(const char *line, unsigned n, char buf[1100])
{
	size_t used = 0;
	bool quoted = false;

	for (unsigned at = 0; *line && *line != '\n'; line++) {
		if (*line == '"' && quoted && line[1] == '"' && line++)
			; /* one of them stands for itself */
		else if (*line == '"' && (quoted = !quoted, true))
			continue;
		if (*line == ',' && !quoted)
			at++;
		else if (at == n)
			buf[used++] = *line;
	}
	buf[used] = '\0';
	return buf;
}

static unsigned column(const char *header, const char *name)
{
	char buf[1100];

	for (unsigned i = 0; i < 200; i++)
		if (!strcmp(field(header, i, buf), name))
			return i;
	return 999;
}

static char *written(const struct sample_run *run, char path[256])
{
	char *text;

	remove(sample_file_name("samples.csv", path));
	if (pm_csv_write(path, &run->plan, &run->samples, "e1", NULL))
		return NULL;
	text = sample_file_text(path, NULL);
	remove(path);
	return text;
}

static bool header_names_all_columns(void)
{
	static const char start[] =
		"run,system,wine,cell,id,became_transport,became_producer,"
		"became_consumer,kind,mode,read-mode,";
	static const char end[] =
		",arm,round,slot,pair,ok,metric,unit,better,value\n";
	struct sample_run run;
	char path[256], *text;
	size_t n;

	sample_run_start(&run, 1, 1);
	text = written(&run, path);
	CHECK(text);
	n = strlen(text);
	CHECK(!strncmp(text, start, sizeof(start) - 1));
	CHECK(n > sizeof(end) && !strcmp(text + n - sizeof(end) + 1, end));
	for (size_t i = 0; i < pm_knob_count; i++)
		CHECK_EQ(column(text, pm_knobs[i].name), 8 + i);
	free(text);
	sample_run_free(&run);
	return true;
}

static bool a_row_for_each_number(void)
{
	char path[256], buf[1100], expected[64], *text, *line;
	struct sample_run run;
	struct pm_trial *t;

	sample_run_start(&run, 1, 2);
	sample_run_cell(&run, "pipe",
			"message=1500 buffer=os time=1500us verify=yes");
	t = sample_run_trial(&run, "rtt_p50", 4100.5);
	t->metrics[pm_metric_find("consumer.cpu_user")] = 123456789012.0;
	t->metrics[pm_metric_find("rtt_p99")] = INFINITY;
	t->round = 4;
	sample_run_trial(&run, NULL, 0)->ok = false;
	text = written(&run, path);
	CHECK(text);
	line = strchr(text, '\n') + 1;
	snprintf(expected, sizeof(expected), "e1,%s,,0,\"", ipc_host_name());
	CHECK(ipc_wine() || !strncmp(line, expected, strlen(expected) - 1));
	CHECK(!strcmp(field(line, column(text, "id"), buf),
		      "buffer=os message=1500 time=1500us verify=yes"));
	CHECK(!strcmp(field(line, column(text, "became_transport"), buf),
		      "pipe"));
	CHECK(!strcmp(field(line, column(text, "buffer"), buf), "os"));
	CHECK(!strcmp(field(line, column(text, "in-buffer"), buf), "os"));
	CHECK(!strcmp(field(line, column(text, "message"), buf), "1500"));
	CHECK(!strcmp(field(line, column(text, "warmup"), buf), "100000000"));
	CHECK(!strcmp(field(line, column(text, "time"), buf), "1500000"));
	CHECK(!strcmp(field(line, column(text, "verify"), buf), "yes"));
	CHECK(!strcmp(field(line, column(text, "mode"), buf), "byte"));
	CHECK(strstr(line, ",a,4,0,0,true,rtt_p50,ns,lower,4100.5\n"));
	line = strchr(line, '\n') + 1;
	CHECK(strstr(line, ",a,4,0,0,true,consumer.cpu_user,ns,lower,"
			   "123456789012\n"));
	line = strchr(line, '\n') + 1;
	CHECK(strstr(line, ",a,1,1,0,false,,,,\n"));
	CHECK(!strchr(line, '\n')[1]);
	free(text);
	sample_run_free(&run);
	return true;
}

static bool what_must_be_is_quoted(void)
{
	char path[256], buf[1100], *text, *line;
	struct sample_run run;

	sample_run_start(&run, 2, 1);
	sample_run_cell(&run, NULL, "");
	strcpy(run.plan.cells[0].cell[0].id, "a,b\"c\"\nd");
	sample_run_arm_b(&run, "fifo", "transport=fifo");
	sample_run_trial(&run, "floor", 5);
	sample_run_trial(&run, "floor", 5)->arm = 'b';
	text = written(&run, path);
	CHECK(text);
	line = strchr(text, '\n') + 1;
	CHECK(strstr(line, ",0,\"a,b\"\"c\"\"\nd\",,,,anonymous,"));
	line = strchr(strchr(line, '\n') + 1, '\n') + 1;
	CHECK(!strcmp(field(line, 4, buf), "transport=fifo"));
	CHECK(!strcmp(field(line, 5, buf), "fifo"));
	CHECK(!strcmp(field(line, 6, buf), "blocking"));
	CHECK(strstr(line, ",b,1,1,0,true,floor,"));
	free(text);
	sample_run_free(&run);
	return true;
}

static bool it_never_overwrites(void)
{
	struct sample_run run;
	struct ipc_err err;
	char path[256];

	sample_run_start(&run, 1, 1);
	remove(sample_file_name("there.csv", path));
	CHECK(!pm_csv_write(path, &run.plan, &run.samples, "e1", &err));
	CHECK_EQ(pm_csv_write(path, &run.plan, &run.samples, "e1", &err),
		 IPC_BUSY);
	remove(path);
	sample_run_free(&run);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(header_names_all_columns);
	TEST(a_row_for_each_number);
	TEST(what_must_be_is_quoted);
	TEST(it_never_overwrites);
	return tap_done();
}
