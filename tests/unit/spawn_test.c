/* Processes and the channel between them; the program runs itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/proc.h"
#include "ipc/registry.h"
#include "ipc/sys.h"
#include "tests/support/tap.h"

static const char *self;
enum { LONG = 3000000 };

/* The child's parts. */

static int child_channel(char **argv, struct ipc_channel *channel)
{
	ipc_handle rd, wr;

	if (ipc_handle_parse(argv[2], &rd) || ipc_handle_parse(argv[3], &wr) ||
	    ipc_channel_open(channel, rd, wr, NULL))
		return 1;
	return 0;
}

/* Answers every line with "got LENGTH FIRST LAST"; "long" with a long one. */
static int child_answers(char **argv)
{
	struct ipc_channel channel;
	char answer[100], *line, *text;
	int status = child_channel(argv, &channel);

	while (!status && !ipc_channel_line(&channel, UINT64_MAX, &line, NULL)) {
		size_t len = strlen(line);

		snprintf(answer, sizeof(answer), "got %zu %c\n", len,
			 len ? line[len - 1] : '-');
		status = ipc_channel_send(&channel, answer, strlen(answer),
					  NULL) != IPC_OK;
		if (status || strcmp(line, "long"))
			continue;
		text = malloc(LONG + 1);
		memset(text, 'y', LONG);
		text[LONG] = '\n';
		status = ipc_channel_send(&channel, text, LONG + 1, NULL);
		free(text);
	}
	ipc_channel_close(&channel);
	return status;
}

/* 0 if the handle means nothing to this process. */
static int child_sees(char **argv)
{
	struct ipc_link link = IPC_LINK_INIT;
	struct ipc_err err;
	ipc_handle handle;

	if (ipc_handle_parse(argv[2], &handle))
		return 2;
	return ipc_link_adopt(handle, IPC_NO_HANDLE, &link, &err) ? 0 : 1;
}

static int child(char **argv)
{
	ipc_die_with_parent();
	if (!strcmp(argv[1], "--exit"))
		return atoi(argv[2]);
	if (!strcmp(argv[1], "--answer"))
		return child_answers(argv);
	if (!strcmp(argv[1], "--sees"))
		return child_sees(argv);
	for (int i = 0; i < 60; i++)
		ipc_sleep_ns(1000000000u);
	return 99;
}

/* The parent's. */

static enum ipc_rc run(const char *what, const char *a, const char *b,
		       const ipc_handle *inherit, size_t count,
		       struct ipc_proc *proc)
{
	const char *argv[] = { self, what, a, b, NULL };
	struct ipc_spawn how = { .path = self, .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE,
				 .inherit = inherit, .inherit_count = count };
	struct ipc_err err;
	enum ipc_rc rc = ipc_spawn(&how, proc, &err);
	char text[300];

	if (rc)
		tap_note("%s", ipc_err_text(&err, text, sizeof(text)));
	return rc;
}

static bool status_comes_back(void)
{
	static const char *const codes[] = { "0", "1", "42", "130" };
	struct ipc_proc proc;
	struct ipc_exit how;
	struct ipc_err err;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		CHECK_EQ(run("--exit", codes[i], NULL, NULL, 0, &proc), 0);
		CHECK(proc.id != 0 && proc.id != ipc_process_id());
		CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &how, &err), 0);
		CHECK(!how.killed && proc.reaped);
		CHECK_EQ(how.code, atoi(codes[i]));
		CHECK_EQ(ipc_proc_wait(&proc, 0, &how, &err), IPC_INVALID);
		ipc_proc_kill(&proc); /* harmless */
	}
	return true;
}

static bool a_missing_program(void)
{
	const char *argv[] = { "nobody", NULL };
	struct ipc_spawn how = { .path = "./no-such-program", .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE };
	struct ipc_proc proc;
	struct ipc_err err;

	CHECK_EQ(ipc_spawn(&how, &proc, &err), IPC_NOT_FOUND);
	CHECK(strstr(err.what, "no-such-program") && err.os_code);
	CHECK_EQ(proc.id, 0);
	ipc_proc_kill(&proc);
	return true;
}

static bool deadlines(void)
{
	struct ipc_proc proc;
	struct ipc_exit how;
	struct ipc_err err;
	uint64_t before;

	CHECK_EQ(run("--sleep", NULL, NULL, NULL, 0, &proc), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 0, &how, &err), IPC_TIMEOUT);
	before = ipc_now_ns();
	CHECK_EQ(ipc_proc_wait(&proc, 30000000, &how, &err), IPC_TIMEOUT);
	CHECK(ipc_now_ns() - before >= 30000000);
	ipc_proc_kill(&proc);
	CHECK(proc.reaped);
	ipc_proc_kill(&proc);
	return true;
}

struct talk {
	struct ipc_channel channel;
	struct ipc_proc    proc;
};

static bool talk_start(struct talk *t)
{
	char rd[32], wr[32];
	ipc_handle theirs[2];
	struct ipc_err err;

	CHECK_EQ(ipc_channel_pair(&t->channel, theirs, &err), 0);
	snprintf(rd, sizeof(rd), "%lld", (long long)theirs[0]);
	snprintf(wr, sizeof(wr), "%lld", (long long)theirs[1]);
	CHECK_EQ(run("--answer", rd, wr, theirs, 2, &t->proc), 0);
	ipc_handle_close(theirs[0]);
	ipc_handle_close(theirs[1]);
	return true;
}

static bool talk_end(struct talk *t)
{
	struct ipc_exit how;
	struct ipc_err err;

	ipc_channel_close(&t->channel);
	CHECK_EQ(ipc_proc_wait(&t->proc, 20000000000u, &how, &err), 0);
	CHECK(!how.killed);
	CHECK_EQ(how.code, 0);
	return true;
}

static bool hears(struct talk *t, const char *expected)
{
	struct ipc_err err;
	char *line;

	CHECK_EQ(ipc_channel_line(&t->channel, 20000000000u, &line, &err), 0);
	CHECK(strcmp(line, expected) == 0);
	return true;
}

static bool lines_go_both_ways(void)
{
	struct ipc_err err;
	struct talk t;
	char *line;

	CHECK(talk_start(&t));
	CHECK_EQ(ipc_channel_line(&t.channel, 0, &line, &err), IPC_TIMEOUT);
	CHECK_EQ(ipc_channel_line(&t.channel, 1000000, &line, &err),
		 IPC_TIMEOUT);
	CHECK_EQ(ipc_channel_send(&t.channel, "a\n\nbcd\n", 7, &err), 0);
	CHECK(hears(&t, "got 1 a") && hears(&t, "got 0 -") &&
	      hears(&t, "got 3 d"));
	CHECK_EQ(ipc_channel_send(&t.channel, "lo", 2, &err), 0);
	CHECK_EQ(ipc_channel_send(&t.channel, "ng\n", 3, &err), 0);
	CHECK(hears(&t, "got 4 g"));
	CHECK_EQ(ipc_channel_line(&t.channel, 20000000000u, &line, &err), 0);
	CHECK_EQ(strlen(line), LONG);
	return talk_end(&t);
}

/* One of several; the end of one is something to say as well. */
static bool waits_for_several(void)
{
	struct talk t[3];
	struct ipc_channel *set[3];
	struct ipc_err err;
	size_t which;
	char *line;

	for (int i = 0; i < 3; i++) {
		CHECK(talk_start(&t[i]));
		set[i] = &t[i].channel;
	}
	CHECK_EQ(ipc_channel_wait(set, 3, 0, &which, &err), IPC_TIMEOUT);
	CHECK_EQ(ipc_channel_send(set[1], "x\n", 2, &err), 0);
	CHECK_EQ(ipc_channel_wait(set, 3, 20000000000u, &which, &err), 0);
	CHECK_EQ(which, 1);
	CHECK(hears(&t[1], "got 1 x"));
	ipc_proc_kill(&t[2].proc);
	CHECK_EQ(ipc_channel_wait(set, 3, 20000000000u, &which, &err), 0);
	CHECK_EQ(which, 2);
	CHECK_EQ(ipc_channel_line(set[2], 0, &line, &err), IPC_EOF);
	CHECK_EQ(ipc_channel_send(set[2], "y\n", 2, &err), IPC_GONE);
	ipc_channel_close(set[2]);
	CHECK_EQ(ipc_channel_wait(set, 3, 1000000, &which, &err), IPC_TIMEOUT);
	return talk_end(&t[0]) && talk_end(&t[1]);
}

/* A link that is open here, under a number that the child is told. */
static bool only_what_was_given(void)
{
	struct ipc_opts opts = { .buffer = 65536, .in_buffer = 65536,
				 .out_buffer = 65536, .size = 64 };
	struct ipc_link near = IPC_LINK_INIT, far = IPC_LINK_INIT;
	const struct ipc_transport *t = NULL;
	struct ipc_proc proc;
	struct ipc_exit how;
	struct ipc_err err;
	char number[32];

	for (size_t i = 0; !t; i++)
		if (ipc_transports[i].it && ipc_transports[i].it->pair)
			t = ipc_transports[i].it;
	CHECK_EQ(t->pair(&opts, IPC_CAP_SYNC, IPC_CAP_SYNC, &near, &far, &err),
		 0);
	snprintf(number, sizeof(number), "%lld", (long long)near.rd);
	CHECK_EQ(run("--sees", number, NULL, NULL, 0, &proc), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &how, &err), 0);
	CHECK_EQ(how.code, 0);
	CHECK_EQ(run("--sees", number, NULL, &near.rd, 1, &proc), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &how, &err), 0);
	CHECK_EQ(how.code, 1);
	ipc_link_close(&near);
	ipc_link_close(&far);
	return true;
}

static bool numbers_of_handles(void)
{
	static const char *const bad[] = { "", "x", "-1", "3x", "99999999999999" };
	ipc_handle handle;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(ipc_handle_parse(bad[i], &handle), IPC_INVALID);
	CHECK_EQ(ipc_handle_parse("12", &handle), IPC_OK);
	CHECK_EQ(handle, 12);
	ipc_handle_close(IPC_NO_HANDLE);
	return true;
}

static bool usage_grows(void)
{
	struct ipc_usage before, after;
	volatile unsigned sum = 0;

	ipc_usage_now(&before);
	for (uint64_t from = ipc_now_ns(); ipc_now_ns() - from < 50000000;)
		sum++;
	ipc_usage_now(&after);
	CHECK(after.cpu_user_ns + after.cpu_sys_ns >
	      before.cpu_user_ns + before.cpu_sys_ns);
	CHECK(after.resident_max_bytes > 100000);
	return true;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return child(argv);
	tap_start(60);
	TEST(status_comes_back);
	TEST(a_missing_program);
	TEST(deadlines);
	TEST(lines_go_both_ways);
	TEST(waits_for_several);
	TEST(only_what_was_given);
	TEST(numbers_of_handles);
	TEST(usage_grows);
	return tap_done();
}
