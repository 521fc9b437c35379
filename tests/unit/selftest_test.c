/* The self-test's verdicts; its questions are asked by the end-to-end tests. */
#include <string.h>

#include "ipc/err.h"
#include "ipc/selftest.h"
#include "tests/support/tap.h"

static enum ipc_verdict judge(const char *expected, const char *wine_way,
			      const char *seen, bool wine)
{
	const struct ipc_claim c = { "x", expected, wine_way, NULL };
	struct ipc_answer a = { .asked = false };

	ipc_saw(&a, "%s", seen);
	return ipc_judge(&c, &a, wine);
}

static bool what_is_seen_is_what_is_expected(void)
{
	CHECK_EQ(judge("A", NULL, "A", false), IPC_AS_EXPECTED);
	CHECK_EQ(judge("A", NULL, "B", false), IPC_UNEXPECTED);
	CHECK_EQ(judge("A", NULL, "AB", false), IPC_UNEXPECTED);
	CHECK_EQ(judge("AB", NULL, "A", false), IPC_UNEXPECTED);
	CHECK_EQ(judge("A", NULL, "A (because)", false), IPC_AS_EXPECTED);
	CHECK_EQ(judge(NULL, NULL, "A", false), IPC_NOTED);
	return true;
}

static bool one_or_the_other(void)
{
	CHECK_EQ(judge("A or B c", NULL, "A", false), IPC_AS_EXPECTED);
	CHECK_EQ(judge("A or B c", NULL, "B c", false), IPC_AS_EXPECTED);
	CHECK_EQ(judge("A or B c", NULL, "B", false), IPC_UNEXPECTED);
	CHECK_EQ(judge("A or B c", NULL, "A or B c", false), IPC_UNEXPECTED);
	return true;
}

/* Wine has answers of its own, and one that has gone is a change too. */
static bool wine_differs_as_known(void)
{
	CHECK_EQ(judge("A", "W", "W", true), IPC_AS_WINE);
	CHECK_EQ(judge("A", "W", "A", true), IPC_UNEXPECTED);
	CHECK_EQ(judge("A", "W", "W", false), IPC_UNEXPECTED);
	CHECK_EQ(judge("A", "W", "A", false), IPC_AS_EXPECTED);
	CHECK_EQ(judge("A", NULL, "A", true), IPC_AS_EXPECTED);
	return true;
}

static bool codes_have_names(void)
{
	struct ipc_answer a = { .asked = false };

	ipc_saw_code(&a, 0);
	CHECK(a.asked && !strcmp(a.seen, "succeeds"));
	ipc_saw_code(&a, 2);
	CHECK(!strcmp(a.seen, ipc_os_name(2)));
	ipc_saw_code(&a, 999999);
	CHECK(strstr(a.seen, " 999999"));
	return true;
}

static bool what_was_not_asked_says_why(void)
{
	const struct ipc_claim c = { "x", "no pipe", "no pipe", NULL };
	struct ipc_answer a = { .asked = true };

	ipc_not_asked(&a, "no %s", "pipe");
	CHECK(!strcmp(a.seen, "no pipe"));
	CHECK_EQ(ipc_judge(&c, &a, true), IPC_NOT_ASKED);
	CHECK_EQ(ipc_judge(&c, &a, false), IPC_NOT_ASKED);
	return true;
}

int main(void)
{
	TEST(what_is_seen_is_what_is_expected);
	TEST(one_or_the_other);
	TEST(wine_differs_as_known);
	TEST(codes_have_names);
	TEST(what_was_not_asked_says_why);
	return tap_done();
}
