/* Children, what they inherit and how they end, and the control channel. */
#include "tests/support/emulated.h"
#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

#define SECOND UINT64_C(1000000000)

static char self[1024];

/* Whatever a shell, a runtime or a quoting rule could take for its own. */
static const char *const hostile[] = {
	"plain", "", " ", "two words", "\ttab", "a\"quote", "\"", "\"\"",
	"\"\"\"", "back\\slash", "ends\\", "ends two\\\\", "\\\"", "\\\\\"",
	"a\\\\\"b c\\", "C:\\dir\\", "%PATH%", "$HOME", "*", "?.c", "a^b&c|d",
	"--knob=\"x y\"", "new\nline", "'single'", "\xc3\xa4\xe2\x82\xac",
	"\xf0\x9f\x98\x80", "x \\\\", "\\", "\\\\server\\share",
};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

/* ---- what the children do ---- */

static int child_args(int argc, char **argv)
{
	if (argc != HOSTILE + 2)
		return 3;
	for (int i = 0; i < HOSTILE; i++)
		if (strcmp(argv[i + 2], hostile[i]) != 0)
			return 100 + i;
	return 42;
}

static int child_open(char **argv, struct ipc_channel *channel)
{
	ipc_handle rd, wr;

	if (ipc_handle_parse(argv[2], &rd) || ipc_handle_parse(argv[3], &wr) ||
	    ipc_channel_open(channel, rd, wr, NULL))
		return 4;
	return 0;
}

/* Sends back each line until the runner has gone. */
static int child_echo(char **argv)
{
	static char text[3 << 20];
	struct ipc_channel channel;
	char *line;

	if (child_open(argv, &channel))
		return 4;
	while (!ipc_channel_line(&channel, UINT64_MAX, &line, NULL)) {
		snprintf(text, sizeof(text), "%s\n", line);
		if (ipc_channel_send(&channel, text, strlen(text), NULL))
			return 5;
	}
	ipc_channel_close(&channel);
	return 6;
}

/* Can it use the handle that it was not given? */
static int child_stranger(char **argv)
{
	struct ipc_link link = IPC_LINK_INIT;
	ipc_handle handle;

	if (ipc_handle_parse(argv[2], &handle))
		return 4;
	return ipc_link_adopt(handle, IPC_NO_HANDLE, &link, NULL) ? 0 : 7;
}

static int child_say(void)
{
	printf("to stdout\n");
	fflush(stdout);
	fprintf(stderr, "to stderr\n");
	return 0;
}

static int child_hang(void)
{
	ipc_sleep_ns(60 * SECOND); /* the test is over long before */
	return 0;
}

static int child(int argc, char **argv)
{
	if (strcmp(argv[1], "args") == 0)
		return child_args(argc, argv);
	if (strcmp(argv[1], "echo") == 0 && argc == 4)
		return child_echo(argv);
	if (strcmp(argv[1], "stranger") == 0 && argc == 3)
		return child_stranger(argv);
	if (strcmp(argv[1], "say") == 0)
		return child_say();
	if (strcmp(argv[1], "hang") == 0)
		return child_hang();
	return argc > 2 ? atoi(argv[2]) : 2;
}

/* ---- the tests ---- */

static struct ipc_spawn how(const char *const *argv)
{
	return (struct ipc_spawn){ .path = self, .argv = argv,
				   .std_in = IPC_NO_HANDLE,
				   .std_out = IPC_NO_HANDLE,
				   .std_err = IPC_NO_HANDLE,
				   .prefix = test_prefix() };
}

static bool failed(const char *what, const struct ipc_err *err)
{
	char text[512];

	tap_note("%s: %s", what, ipc_err_text(err, text, sizeof(text)));
	return false;
}

static bool run(const struct ipc_spawn *spawn, struct ipc_exit *end)
{
	struct ipc_err err;
	struct ipc_proc proc;

	if (ipc_spawn(spawn, &proc, &err))
		return failed("ipc_spawn", &err);
	if (ipc_proc_wait(&proc, 20 * SECOND, end, &err)) {
		ipc_proc_kill(&proc);
		return failed("ipc_proc_wait", &err);
	}
	return true;
}

static bool hostile_arguments_arrive(void)
{
	const char *argv[HOSTILE + 3] = { "name", "args" };
	struct ipc_spawn spawn = how(argv);
	struct ipc_exit end;

	memcpy(argv + 2, hostile, sizeof(hostile));
	CHECK(run(&spawn, &end));
	CHECK(!end.killed);
	CHECK_EQ(end.code, 42);
	return true;
}

static bool exit_status_arrives(void)
{
	const char *const argv[] = { "name", "exit", "130", NULL };
	struct ipc_spawn spawn = how(argv);
	struct ipc_exit end;

	CHECK(run(&spawn, &end));
	CHECK(!end.killed);
	CHECK_EQ(end.code, 130);
	return true;
}

static bool a_missing_program_is_not_found(void)
{
	const char *const argv[] = { "name", NULL };
	struct ipc_spawn spawn = how(argv);
	struct ipc_proc proc;
	struct ipc_err err;

	spawn.path = "/no/such/folder/program";
	spawn.prefix = NULL; /* which would be found */
	CHECK_EQ(ipc_spawn(&spawn, &proc, &err), IPC_NOT_FOUND);
	CHECK(err.os_code != 0);
	return true;
}

static bool a_deadline_passes_and_a_kill_works(void)
{
	const char *const argv[] = { "name", "hang", NULL };
	struct ipc_spawn spawn = how(argv);
	uint64_t start = ipc_now_ns();
	struct ipc_proc proc;
	struct ipc_exit end;

	CHECK_EQ(ipc_spawn(&spawn, &proc, NULL), IPC_OK);
	CHECK_EQ(ipc_proc_wait(&proc, 0, &end, NULL), IPC_TIMEOUT);
	CHECK_EQ(ipc_proc_wait(&proc, SECOND / 20, &end, NULL), IPC_TIMEOUT);
	CHECK(ipc_now_ns() - start >= SECOND / 20);
	ipc_proc_kill(&proc);
	CHECK(proc.reaped);
	ipc_proc_kill(&proc); /* harmless */
	CHECK(ipc_now_ns() - start < 15 * SECOND);
	return true;
}

/* The child gets std_out; what is read ends when the child has ended. */
static bool standard_output_is_handed_over(void)
{
	const char *const argv[] = { "name", "say", NULL };
	struct ipc_spawn spawn = how(argv);
	struct ipc_channel channel;
	ipc_handle far[2];
	struct ipc_exit end;
	char *line;

	CHECK_EQ(ipc_channel_pair(&channel, far, NULL), IPC_OK);
	spawn.std_out = far[1];
	CHECK(run(&spawn, &end));
	CHECK_EQ(end.code, 0);
	ipc_handle_close(far[0]);
	ipc_handle_close(far[1]);
	CHECK_EQ(ipc_channel_line(&channel, 5 * SECOND, &line, NULL), IPC_OK);
	CHECK(strcmp(line, "to stdout") == 0);
	CHECK_EQ(ipc_channel_line(&channel, 5 * SECOND, &line, NULL), IPC_EOF);
	ipc_channel_close(&channel);
	return true;
}

struct echo {
	struct ipc_channel channel;
	struct ipc_proc    proc;
};

static bool start_echo(struct echo *e)
{
	char rd[32], wr[32];
	const char *argv[] = { "name", "echo", rd, wr, NULL };
	struct ipc_spawn spawn = how(argv);
	ipc_handle far[2];
	struct ipc_err err;
	enum ipc_rc rc;

	CHECK_EQ(ipc_channel_pair(&e->channel, far, NULL), IPC_OK);
	snprintf(rd, sizeof(rd), "%lld", (long long)far[0]);
	snprintf(wr, sizeof(wr), "%lld", (long long)far[1]);
	spawn.inherit = far;
	spawn.inherit_count = 2;
	rc = ipc_spawn(&spawn, &e->proc, &err);
	ipc_handle_close(far[0]);
	ipc_handle_close(far[1]);
	return rc ? failed("ipc_spawn", &err) : true;
}

static bool lines_go_there_and_back(void)
{
	static char large[2 << 20];
	struct ipc_exit end;
	struct echo e;
	char *line;

	CHECK(start_echo(&e));
	CHECK_EQ(ipc_channel_send(&e.channel, "one\ntwo\n\n", 9, NULL), IPC_OK);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL), IPC_OK);
	CHECK(strcmp(line, "one") == 0);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL), IPC_OK);
	CHECK(strcmp(line, "two") == 0);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL), IPC_OK);
	CHECK(strcmp(line, "") == 0);
	CHECK_EQ(ipc_channel_line(&e.channel, SECOND / 50, &line, NULL),
		 IPC_TIMEOUT);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\n';
	CHECK_EQ(ipc_channel_send(&e.channel, large, sizeof(large), NULL),
		 IPC_OK);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL), IPC_OK);
	CHECK_EQ(strlen(line), sizeof(large) - 1);
	CHECK_EQ(strspn(line, "x"), sizeof(large) - 1);
	ipc_channel_close(&e.channel); /* the child sees it and ends */
	CHECK_EQ(ipc_proc_wait(&e.proc, 9 * SECOND, &end, NULL), IPC_OK);
	CHECK_EQ(end.code, 6);
	return true;
}

static bool one_of_several_channels_speaks(void)
{
	enum { COUNT = 70 }; /* more than one system call waits for */
	struct ipc_channel channels[COUNT], *set[COUNT];
	ipc_handle far[COUNT][2];
	struct ipc_channel other;
	size_t which;
	char *line;

	for (int i = 0; i < COUNT; i++) {
		set[i] = &channels[i];
		CHECK_EQ(ipc_channel_pair(set[i], far[i], NULL), IPC_OK);
	}
	CHECK_EQ(ipc_channel_wait(set, COUNT, SECOND / 50, &which, NULL),
		 IPC_TIMEOUT);
	for (int i = COUNT - 1; i >= 0; i -= 23) {
		CHECK_EQ(ipc_channel_open(&other, far[i][0], far[i][1], NULL),
			 IPC_OK);
		CHECK_EQ(ipc_channel_send(&other, "me\n", 3, NULL), IPC_OK);
		CHECK_EQ(ipc_channel_wait(set, COUNT, 9 * SECOND, &which, NULL),
			 IPC_OK);
		CHECK_EQ(which, i);
		CHECK_EQ(ipc_channel_line(set[i], 0, &line, NULL), IPC_OK);
		CHECK(strcmp(line, "me") == 0);
		ipc_channel_close(&other); /* now it is its end that comes */
		CHECK_EQ(ipc_channel_wait(set, COUNT, 9 * SECOND, &which, NULL),
			 IPC_OK);
		CHECK_EQ(which, i);
		CHECK_EQ(ipc_channel_line(set[i], 0, &line, NULL), IPC_EOF);
		ipc_channel_close(set[i]);
	}
	for (int i = 0; i < COUNT; i++) {
		if (channels[i].system) {
			ipc_handle_close(far[i][0]);
			ipc_handle_close(far[i][1]);
		}
		ipc_channel_close(set[i]);
	}
	return true;
}

/*
 * One call of Windows waits for 64 things, and Ctrl-C is one of them: the last
 * of 63 channels is heard when it speaks, and not when the time is over.
 */
static bool the_last_of_63_channels_is_heard(void)
{
	enum { COUNT = 63 };
	static struct ipc_channel others[COUNT - 1];
	struct ipc_channel *set[COUNT];
	uint64_t start = ipc_now_ns();
	ipc_handle far[COUNT][2];
	struct echo e;
	size_t which = 0;

	ipc_interrupt_catch();
	for (int i = 0; i < COUNT - 1; i++) {
		set[i] = &others[i];
		CHECK_EQ(ipc_channel_pair(set[i], far[i], NULL), IPC_OK);
	}
	CHECK(start_echo(&e));
	set[COUNT - 1] = &e.channel;
	CHECK_EQ(ipc_channel_send(&e.channel, "up?\n", 4, NULL), IPC_OK);
	CHECK_EQ(ipc_channel_wait(set, COUNT, 30 * SECOND, &which, NULL),
		 IPC_OK);
	CHECK_EQ(which, COUNT - 1);
	CHECK(ipc_now_ns() - start < 25 * SECOND);
	for (int i = 0; i < COUNT; i++)
		ipc_channel_close(set[i]);
	for (int i = 0; i < COUNT - 1; i++) {
		ipc_handle_close(far[i][0]);
		ipc_handle_close(far[i][1]);
	}
	ipc_proc_kill(&e.proc);
	return true;
}

static bool a_killed_child_is_an_end_of_stream(void)
{
	struct echo e;
	char *line;

	CHECK(start_echo(&e));
	CHECK_EQ(ipc_channel_send(&e.channel, "up?\n", 4, NULL), IPC_OK);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL), IPC_OK);
	ipc_proc_kill(&e.proc);
	CHECK_EQ(ipc_channel_line(&e.channel, 9 * SECOND, &line, NULL),
		 IPC_EOF);
	CHECK_EQ(ipc_channel_send(&e.channel, "dead?\n", 6, NULL), IPC_GONE);
	ipc_channel_close(&e.channel);
	return true;
}

/* A handle that is open here, but not in the list, is nothing to the child. */
static bool only_the_listed_handles_are_inherited(void)
{
	char number[32];
	const char *argv[] = { "name", "stranger", number, NULL };
	struct ipc_spawn spawn = how(argv);
	struct ipc_channel channel;
	struct ipc_exit end;
	ipc_handle far[2];

	CHECK_EQ(ipc_channel_pair(&channel, far, NULL), IPC_OK);
	snprintf(number, sizeof(number), "%lld", (long long)far[0]);
	CHECK(run(&spawn, &end));
	CHECK_EQ(end.code, 0);
	/* and the test can tell: with the list it is there */
	spawn.inherit = far;
	spawn.inherit_count = 1;
	CHECK(run(&spawn, &end));
	CHECK_EQ(end.code, 7);
	ipc_handle_close(far[0]);
	ipc_handle_close(far[1]);
	ipc_channel_close(&channel);
	return true;
}

static bool handles_are_parsed_strictly(void)
{
	static const char *const bad[] = { "", "x", "-5", "1x", " ",
					   "99999999999999999999" };
	ipc_handle handle;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(ipc_handle_parse(bad[i], &handle), IPC_INVALID);
	CHECK_EQ(ipc_handle_parse("64", &handle), IPC_OK);
	CHECK_EQ(handle, 64);
	return true;
}

static bool who_am_i(const char *argv0)
{
	const char *name = argv0;

	for (const char *c = argv0; *c; c++)
		if (*c == '/' || *c == '\\')
			name = c + 1;
	if (ipc_program_folder(self, sizeof(self) / 2, NULL))
		return false;
	snprintf(self + strlen(self), sizeof(self) - strlen(self), "/%s", name);
	return true;
}

static bool usage_grows(void)
{
	uint64_t from = ipc_now_ns();
	struct ipc_usage before, after;
	volatile unsigned sum = 0;

	ipc_usage_now(&before);
	do { /* until it shows: the system may count in 10 ms, and be busy */
		for (unsigned i = 0; i < 1000000; i++)
			sum++;
		ipc_usage_now(&after);
	} while (after.cpu_user_ns + after.cpu_sys_ns ==
			 before.cpu_user_ns + before.cpu_sys_ns &&
		 ipc_now_ns() - from < 20 * SECOND);
	CHECK(after.cpu_user_ns + after.cpu_sys_ns >
	      before.cpu_user_ns + before.cpu_sys_ns);
	CHECK(after.resident_max_bytes > 100000);
	return true;
}

int main(int argc, char **argv)
{
	const char *seen = argv[0]; /* a child's is what the test gave it */

	ipc_program_start(&argc, &argv);
	if (argc > 1)
		return child(argc, argv);
	tap_start(180);
	if (!who_am_i(seen))
		return 1;
	TEST(exit_status_arrives);
	TEST(hostile_arguments_arrive);
	TEST(a_missing_program_is_not_found);
	TEST(a_deadline_passes_and_a_kill_works);
	TEST(standard_output_is_handed_over);
	TEST(lines_go_there_and_back);
	TEST(one_of_several_channels_speaks);
	TEST(a_killed_child_is_an_end_of_stream);
	TEST(only_the_listed_handles_are_inherited);
	TEST(handles_are_parsed_strictly);
	TEST(usage_grows);
	TEST(the_last_of_63_channels_is_heard); /* catches Ctrl-C from here on */
	return tap_done();
}
