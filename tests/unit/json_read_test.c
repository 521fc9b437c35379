#include "bench/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "bench/json.h"
#include "tests/support/tap.h"

static bool broken_text_is_refused(void)
{
	static const char *const rows[] = {
		"", " ", "1", "\"a\"", "[]", "{", "}", "{]", "{\"a\"}",
		"{\"a\":}", "{\"a\":1", "{\"a\" 1}", "{a:1}", "{1:1}",
		"{\"a\":1 \"b\":2}", "{\"a\":1:2}", "{}{}", "{} 1", "{\"a\":[}]",
		"{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}",
		"{\"a\":1e}", "{\"a\":nul}", "{\"a\":truer}", "{\"a\":-}",
		"{\"a\":NaN}", "{\"a\":0x1}", "{\"a\":\"x}", "{\"a\":\"\\q\"}",
		"{\"a\":\"\\u12g4\"}", "{\"a\":[1 2]}", "{{}:1}", "{[]:1}",
		"{\"a\":{}:\"b\":3}", "{\"a\":\"b\":\"c\"}", "{\"a\":\"b\" 2}",
	};
	struct pm_doc doc = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok = pm_doc_parse(&doc, rows[i], strlen(rows[i]));

		if (ok)
			tap_note("taken: %s", rows[i]);
		CHECK(!ok);
	}
	CHECK(!pm_doc_parse(&doc, "{\"a\":1}\0", 8));
	pm_doc_free(&doc);
	return true;
}

static bool values_are_found(void)
{
	static const char text[] =
		" {\"o\":{\"x\":1,\"deep\":[[1,{\"y\":2}],[]]},\"s\":\"t\","
		"\"o2\":{\"x\":3},\"n\":null,\"yes\":true,\"no\":false,"
		"\"list\":[10,20,30],\"none\":{},\"d\":-1.5e2} ";
	struct pm_doc doc = { 0 };
	uint64_t n, sum = 0;
	double d;
	bool b;
	int list;

	CHECK(pm_doc_parse(&doc, text, strlen(text)));
	CHECK(pm_doc_u64(&doc, pm_doc_get(&doc, pm_doc_get(&doc, 0, "o2"), "x"),
			 &n) && n == 3);
	CHECK(pm_doc_says(&doc, pm_doc_get(&doc, 0, "s"), "t"));
	CHECK(!pm_doc_says(&doc, pm_doc_get(&doc, 0, "s"), "tt"));
	CHECK(pm_doc_is_null(&doc, pm_doc_get(&doc, 0, "n")));
	CHECK(!pm_doc_is_null(&doc, pm_doc_get(&doc, 0, "missing")));
	CHECK_EQ(pm_doc_get(&doc, 0, "x"), PM_NO_VALUE); /* not at the top */
	CHECK_EQ(pm_doc_get(&doc, 0, "t"), PM_NO_VALUE); /* no key */
	CHECK(pm_doc_bool(&doc, pm_doc_get(&doc, 0, "yes"), &b) && b);
	CHECK(pm_doc_bool(&doc, pm_doc_get(&doc, 0, "no"), &b) && !b);
	CHECK(!pm_doc_bool(&doc, pm_doc_get(&doc, 0, "s"), &b));
	CHECK(pm_doc_number(&doc, pm_doc_get(&doc, 0, "d"), &d) && d == -150);
	CHECK(!pm_doc_u64(&doc, pm_doc_get(&doc, 0, "d"), &n));
	list = pm_doc_get(&doc, 0, "list");
	for (int i = pm_doc_first(&doc, list); i >= 0;
	     i = pm_doc_next(&doc, list, i))
		sum += pm_doc_u64(&doc, i, &n) ? n : 1000;
	CHECK_EQ(sum, 60);
	CHECK_EQ(pm_doc_first(&doc, pm_doc_get(&doc, 0, "none")), PM_NO_VALUE);
	CHECK_EQ(pm_doc_first(&doc, pm_doc_get(&doc, 0, "s")), PM_NO_VALUE);
	CHECK_EQ(pm_doc_first(&doc, PM_NO_VALUE), PM_NO_VALUE);
	pm_doc_free(&doc);
	return true;
}

static bool numbers_keep_64_bits(void)
{
	static const struct {
		const char *text;
		bool        ok;
		uint64_t    value;
	} rows[] = {
		{ "{\"a\":18446744073709551615}", true, UINT64_MAX },
		{ "{\"a\":18446744073709551616}", false, 0 },
		{ "{\"a\":99999999999999999999}", false, 0 },
		{ "{\"a\":0}", true, 0 },
		{ "{\"a\":-1}", false, 0 },
		{ "{\"a\":1.0}", false, 0 },
		{ "{\"a\":\"1\"}", false, 0 },
	};
	struct pm_doc doc = { 0 };
	uint64_t n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK(pm_doc_parse(&doc, rows[i].text, strlen(rows[i].text)));
		CHECK(pm_doc_u64(&doc, pm_doc_get(&doc, 0, "a"), &n) ==
		      rows[i].ok);
		CHECK(!rows[i].ok || n == rows[i].value);
	}
	pm_doc_free(&doc);
	return true;
}

static bool texts_come_back(void)
{
	static const char *const rows[] = {
		"", "plain", "\"\\/\b\f\n\r\t\x01\x7f",
		"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	};
	struct pm_json j = { 0 };
	struct pm_doc doc = { 0 };
	char buf[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i]);
		int value;

		pm_json_reset(&j);
		pm_json_open(&j, NULL, '{');
		pm_json_str(&j, "a", rows[i]);
		pm_json_close(&j, '}');
		CHECK(pm_doc_parse(&doc, j.text, j.length));
		value = pm_doc_get(&doc, 0, "a");
		CHECK(pm_doc_text(&doc, value, buf, sizeof(buf)));
		CHECK(!strcmp(buf, rows[i]));
		CHECK(pm_doc_text(&doc, value, buf, n + 1));
		CHECK(!n || !pm_doc_text(&doc, value, buf, n));
	}
	pm_json_free(&j);
	pm_doc_free(&doc);
	return true;
}

static bool escapes_are_read(void)
{
	static const struct {
		const char *text, *meant; /* NULL: refused */
	} rows[] = {
		{ "{\"a\":\"\\u00e4\\u20AC\"}", "\xc3\xa4\xe2\x82\xac" },
		{ "{\"a\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80" },
		{ "{\"a\":\"\\ud83d\"}", NULL },
		{ "{\"a\":\"\\ud83dx\"}", NULL },
		{ "{\"a\":\"\\ude00\\ud83d\"}", NULL },
		{ "{\"a\":\"\\u0000\"}", NULL }, /* no C string holds it */
		{ "{\"a\":1}", NULL },
	};
	struct pm_doc doc = { 0 };
	char buf[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int value;

		CHECK(pm_doc_parse(&doc, rows[i].text, strlen(rows[i].text)));
		value = pm_doc_get(&doc, 0, "a");
		CHECK(pm_doc_text(&doc, value, buf, sizeof(buf)) ==
		      (rows[i].meant != NULL));
		CHECK(!rows[i].meant || !strcmp(buf, rows[i].meant));
	}
	pm_doc_free(&doc);
	return true;
}

/* Without a limit, 400 kB of brackets took jsmn 45 s. */
static bool depth_is_limited(void)
{
	static const struct {
		unsigned depth;
		bool     ok;
	} rows[] = { { 1, true }, { 63, true }, { 64, false }, { 200000, false } };
	/* brackets in a string, behind an escaped quote, are no depth */
	static const char in_string[] =
		"{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}";
	struct pm_doc doc = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = rows[i].depth;
		char *text = malloc(2 * n + 16);

		CHECK(text);
		strcpy(text, "{\"a\":");
		memset(text + 5, '[', n);
		memset(text + 5 + n, ']', n);
		strcpy(text + 5 + 2 * n, "}");
		CHECK(pm_doc_parse(&doc, text, strlen(text)) == rows[i].ok);
		free(text);
	}
	CHECK(pm_doc_parse(&doc, in_string, strlen(in_string)));
	pm_doc_free(&doc);
	return true;
}

static bool length_does_not_matter(void)
{
	/* jsmn closes a bracket by walking over the closed ones inside it. */
	enum { DEPTH = 3000, N = 200000 };
	char *text = malloc(2 * N + 16);
	struct pm_doc doc = { 0 };
	int list, count = 0;

	CHECK(text);
	strcpy(text, "{\"a\":[");
	for (size_t i = 0; i < N; i++)
		memcpy(text + 6 + 2 * i, "7,", 2);
	strcpy(text + 5 + 2 * N, "]}");
	CHECK(pm_doc_parse(&doc, text, strlen(text)));
	list = pm_doc_get(&doc, 0, "a");
	for (int i = pm_doc_first(&doc, list); i >= 0;
	     i = pm_doc_next(&doc, list, i))
		count++;
	CHECK_EQ(count, N);
	pm_doc_free(&doc);
	free(text);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(broken_text_is_refused);
	TEST(values_are_found);
	TEST(numbers_keep_64_bits);
	TEST(texts_come_back);
	TEST(escapes_are_read);
	TEST(depth_is_limited);
	TEST(length_does_not_matter);
	return tap_done();
}
