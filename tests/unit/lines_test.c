/* Lines come out whole, in order and bounded, however the bytes came in. */
#include "ipc/lines.h"

#include <string.h>

#include "tests/support/tap.h"

static bool put(struct ipc_lines *lines, const char *bytes, size_t count)
{
	if (ipc_lines_room(lines, count, NULL))
		return false;
	memcpy(lines->text + lines->have, bytes, count);
	lines->have += count;
	return true;
}

static bool takes(struct ipc_lines *lines, const char *expected)
{
	bool any = ipc_lines_any(lines);
	const char *line = ipc_lines_take(lines);

	return any == (line != NULL) &&
	       (expected ? line && !strcmp(line, expected) : !line);
}

static bool whole(void)
{
	struct ipc_lines lines;

	CHECK(!ipc_lines_open(&lines, NULL));
	CHECK(takes(&lines, NULL));
	CHECK(put(&lines, "one\n\ntwo\nthr", 12));
	CHECK(takes(&lines, "one") && takes(&lines, ""));
	CHECK(takes(&lines, "two") && takes(&lines, NULL));
	CHECK(put(&lines, "ee\n", 3));
	CHECK(takes(&lines, "three") && takes(&lines, NULL));
	ipc_lines_close(&lines);
	ipc_lines_close(&lines);
	return true;
}

/* Every way to cut a text into two pieces and single bytes. */
static bool pieces(void)
{
	static const char text[] = "a\nbc\n\ndef\n";
	struct ipc_lines lines;

	for (size_t cut = 0; cut < sizeof(text); cut++) {
		CHECK(!ipc_lines_open(&lines, NULL));
		CHECK(put(&lines, text, cut));
		for (size_t i = cut; i < sizeof(text) - 1; i++)
			CHECK(put(&lines, text + i, 1));
		CHECK(takes(&lines, "a") && takes(&lines, "bc"));
		CHECK(takes(&lines, "") && takes(&lines, "def"));
		CHECK(takes(&lines, NULL));
		ipc_lines_close(&lines);
	}
	return true;
}

/* The same room serves for ever when lines are taken, and no more is given. */
static bool bounded(void)
{
	static char many[1 << 20];
	struct ipc_lines lines;
	size_t size;
	int i;

	memset(many, 'x', sizeof(many));
	CHECK(!ipc_lines_open(&lines, NULL));
	size = lines.size;
	for (i = 0; i < 10000; i++)
		CHECK(put(&lines, "0123456789\n", 11) &&
		      takes(&lines, "0123456789"));
	CHECK(lines.size == size);
	for (i = 0; i < 15; i++)
		CHECK(put(&lines, many, sizeof(many)) && takes(&lines, NULL));
	while (put(&lines, many, 4096))
		CHECK(lines.have <= 16 << 20);
	CHECK(ipc_lines_room(&lines, 4096, NULL) == IPC_INVALID);
	CHECK(lines.have > (16 << 20) - 4096 && lines.size == 16 << 20);
	ipc_lines_close(&lines);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(whole);
	TEST(pieces);
	TEST(bounded);
	return tap_done();
}
