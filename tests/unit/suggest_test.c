/* "Did you mean" is right when it speaks, and silent when it cannot know. */
#include "bench/suggest.h"

#include <string.h>

#include "tests/support/tap.h"

static const char *const names[] = { "message", "message-min", "mode", "time",
				     "unix-stream", "unix-seqpacket", "io",
				     "read-mode", "slots", NULL };

static const char *best(const char *word)
{
	struct pm_suggest s;

	pm_suggest_start(&s, word);
	for (size_t i = 0; names[i]; i++)
		pm_suggest_offer(&s, names[i]);
	return pm_suggest_best(&s);
}

static bool means(const char *word, const char *expected)
{
	const char *found = best(word);

	if (found && !strcmp(found, expected))
		return true;
	tap_note("%s: %s", word, found ? found : "nothing");
	return false;
}

static bool slips(void)
{
	CHECK(means("mesage", "message"));      /* a letter left out */
	CHECK(means("messsage", "message"));    /* twice */
	CHECK(means("massage", "message"));     /* another one */
	CHECK(means("emssage", "message"));     /* two exchanged */
	CHECK(means("MESSAGE", "message"));
	CHECK(means("solts", "slots"));
	CHECK(means("read_mode", "read-mode"));
	CHECK(means("messagemin", "message-min"));
	return true;
}

static bool beginnings(void)
{
	CHECK(means("unix", "unix-stream"));
	CHECK(means("unix-seq", "unix-seqpacket"));
	CHECK(means("mess", "message"));
	return true;
}

static bool strangers(void)
{
	CHECK(!best("zebra"));
	CHECK(!best("x"));
	CHECK(!best(""));
	CHECK(!best("tune-up"));
	CHECK(!best("a-word-that-is-longer-than-any-name-of-a-knob-can-be"));
	return true;
}

static bool nobody_to_suggest(void)
{
	struct pm_suggest s;

	pm_suggest_start(&s, "word");
	CHECK(!pm_suggest_best(&s));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(slips);
	TEST(beginnings);
	TEST(strangers);
	TEST(nobody_to_suggest);
	return tap_done();
}
