#include "ipc/err.h"

#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/tap.h"

static bool a_refusal_is_its_reason(void)
{
	struct ipc_err err;
	char text[300];

	CHECK_EQ(ipc_refuse(&err, IPC_INVALID, "--size", "-1 is no size"),
		 IPC_INVALID);
	CHECK_EQ(err.os_code, 0);
	CHECK(!strcmp(ipc_err_text(&err, text, sizeof(text)),
		      "--size: -1 is no size"));
	ipc_refuse(&err, IPC_NOMEM, "slots", NULL);
	CHECK(!strcmp(ipc_err_text(&err, text, sizeof(text)),
		      "slots: no-memory"));
	ipc_refusef(&err, IPC_BUSY, "x", "%s %d", "answer", 42);
	CHECK(!strcmp(err.what, "answer 42") && err.rc == IPC_BUSY);
	return true;
}

/* The system's own words, and the class that programs decide by. */
static bool a_failure_keeps_its_code(void)
{
	struct ipc_err err;
	char text[300], number[32];
	FILE *file = ipc_file_open("/no/such/folder/file", "r", &err);

	CHECK(file == NULL);
	CHECK_EQ(err.rc, IPC_NOT_FOUND);
	CHECK(err.os_code != 0 && err.op);
	ipc_err_text(&err, text, sizeof(text));
	snprintf(number, sizeof(number), "(%s %u)", ipc_os_space(),
		 (unsigned)err.os_code);
	CHECK(strstr(text, "/no/such/folder/file"));
	CHECK(strstr(text, number));
	CHECK(strstr(text, ipc_os_name(err.os_code)));
	CHECK(strstr(text, err.op) == text);
	return true;
}

static bool unknown_codes_have_a_text(void)
{
	struct ipc_err err;
	char text[300];

	ipc_fail_io(&err, IPC_WAY_OTHER, 4294967295u, "op", "thing");
	CHECK_EQ(err.rc, IPC_OS);
	ipc_err_text(&err, text, sizeof(text));
	CHECK(strstr(text, "op on thing: unknown (") == text);
	CHECK(strstr(text, "4294967295"));
	return true;
}

/* 109, or 230 to TransactNamedPipe: who left is no mistake of who stays. */
static bool a_peer_that_left_is_gone(void)
{
	if (strcmp(ipc_os_space(), "win32") != 0)
		return true;
	CHECK_EQ(ipc_os_class(IPC_WAY_READ, 109), IPC_EOF);
	CHECK_EQ(ipc_os_class(IPC_WAY_READ, 230), IPC_GONE);
	CHECK_EQ(ipc_os_class(IPC_WAY_READ, 233), IPC_GONE);
	CHECK_EQ(ipc_os_class(IPC_WAY_WRITE, 109), IPC_GONE);
	CHECK_EQ(ipc_os_class(IPC_WAY_WRITE, 232), IPC_GONE);
	return true;
}

static bool nobody_needs_to_listen(void)
{
	CHECK_EQ(ipc_refuse(NULL, IPC_GONE, "op", "what"), IPC_GONE);
	CHECK_EQ(ipc_refusef(NULL, IPC_BUSY, "op", "%d", 1), IPC_BUSY);
	CHECK(ipc_fail(NULL, "op", NULL) < 0);
	return true;
}

/* A long name is cut between characters, never through one. */
static bool long_names_are_cut(void)
{
	char name[2 * IPC_NAME_MAX], text[2 * IPC_NAME_MAX];
	struct ipc_err err;

	for (size_t start = 0; start < 4; start++) {
		memset(name, 'x', sizeof(name));
		for (size_t i = start; i + 3 < sizeof(name); i += 3)
			memcpy(name + i, "\xe2\x82\xac", 3); /* euro sign */
		name[sizeof(name) - 1] = '\0';
		ipc_refuse(&err, IPC_INVALID, "op", name);
		CHECK(strlen(err.what) >= IPC_NAME_MAX - 4);
		CHECK_EQ((strlen(err.what) - start) % 3, 0);
	}
	CHECK_EQ(strlen(ipc_err_text(&err, text, 10)), 9);
	return true;
}

/* A function may pass on what it was told, with its own words in front. */
static bool what_may_be_its_own(void)
{
	struct ipc_err err;

	ipc_refuse(&err, IPC_INVALID, "op", "abcdef");
	ipc_refuse(&err, IPC_DENIED, "op2", err.what + 2);
	CHECK(!strcmp(err.what, "cdef"));
	return true;
}

static bool every_class_has_a_word(void)
{
	for (int rc = IPC_CORRUPT; rc <= IPC_OK; rc++) {
		CHECK(strcmp(ipc_rc_name((enum ipc_rc)rc), "unknown"));
		for (int other = rc + 1; other <= IPC_OK; other++)
			CHECK(strcmp(ipc_rc_name((enum ipc_rc)rc),
				     ipc_rc_name((enum ipc_rc)other)));
	}
	CHECK(!strcmp(ipc_rc_name((enum ipc_rc)-99), "unknown"));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(a_refusal_is_its_reason);
	TEST(a_failure_keeps_its_code);
	TEST(unknown_codes_have_a_text);
	TEST(a_peer_that_left_is_gone);
	TEST(nobody_needs_to_listen);
	TEST(long_names_are_cut);
	TEST(what_may_be_its_own);
	TEST(every_class_has_a_word);
	return tap_done();
}
