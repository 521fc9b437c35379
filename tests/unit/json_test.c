#include "bench/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/hist.h"
#include "tests/support/tap.h"

static bool says(struct pm_json *j, const char *expected)
{
	bool same = !j->failed && !strcmp(j->text, expected) &&
		    j->length == strlen(expected);

	if (!same)
		tap_note("got %s, expected %s", j->text, expected);
	pm_json_reset(j);
	return same;
}

static bool nesting_and_commas(void)
{
	struct pm_json j = { 0 };

	pm_json_open(&j, NULL, '{');
	pm_json_str(&j, "t", "x");
	pm_json_open(&j, "empty", '{');
	pm_json_close(&j, '}');
	pm_json_open(&j, "a", '[');
	pm_json_u64(&j, NULL, UINT64_MAX);
	pm_json_i64(&j, NULL, INT64_MIN);
	pm_json_open(&j, NULL, '[');
	pm_json_close(&j, ']');
	pm_json_bool(&j, NULL, true);
	pm_json_close(&j, ']');
	pm_json_null(&j, "n");
	pm_json_str(&j, "none", NULL);
	pm_json_raw(&j, "raw", "{\"k\":1}");
	pm_json_bool(&j, "no", false);
	pm_json_close(&j, '}');
	pm_json_newline(&j);
	pm_json_open(&j, NULL, '{');
	pm_json_close(&j, '}');
	CHECK(says(&j, "{\"t\":\"x\",\"empty\":{},\"a\":"
		       "[18446744073709551615,-9223372036854775808,[],true],"
		       "\"n\":null,\"none\":null,\"raw\":{\"k\":1},"
		       "\"no\":false}\n{}"));
	pm_json_free(&j);
	return true;
}

static bool strings_are_escaped(void)
{
	static const char *const rows[][2] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\b\t\n\f\r\v\x01\x1f\x7f",
		  "\"\\b\\t\\n\\f\\r\\u000b\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",
		  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"" },
	};
	struct pm_json j = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		pm_json_str(&j, NULL, rows[i][0]);
		CHECK(says(&j, rows[i][1]));
	}
	pm_json_str(&j, "\"k\n", "v"); /* keys as well */
	CHECK(says(&j, "\"\\\"k\\n\":\"v\""));
	pm_json_free(&j);
	return true;
}

#define BAD "\xef\xbf\xbd"

static bool what_is_no_utf8_is_replaced(void)
{
	static const char *const rows[][2] = {
		{ "a\xff" "b", "\"a" BAD "b\"" },
		{ "\x80", "\"" BAD "\"" },
		{ "\xc0\xaf", "\"" BAD BAD "\"" },	       /* overlong */
		{ "\xe0\x9f\xbf", "\"" BAD BAD BAD "\"" },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", "\"" BAD BAD BAD BAD "\"" },
		{ "\xed\xa0\x80", "\"" BAD BAD BAD "\"" },     /* surrogate */
		{ "\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"" },
		{ "\xe2\x82", "\"" BAD BAD "\"" },	       /* cut off */
		{ "\xe2\x82\"", "\"" BAD BAD "\\\"\"" },
		{ "\xc3\xa4\xc3", "\"\xc3\xa4" BAD "\"" },
	};
	struct pm_json j = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		pm_json_str(&j, NULL, rows[i][0]);
		CHECK(says(&j, rows[i][1]));
	}
	pm_json_free(&j);
	return true;
}

static bool numbers_have_one_text(void)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ 4100, "4100" },
		{ 1e5, "100000" },
		{ -123456789012345, "-123456789012345" },
		{ 9007199254740991, "9007199254740991" },
		{ 9007199254740992, "9.007199255e+15" },
		{ 1e300, "1e+300" },
		{ 15360000.5, "15360000.5" },
		{ 0.1, "0.1" },
		{ 1.0 / 3, "0.3333333333" },
		{ 123456789.123456, "123456789.1" },
		{ 9999999999.4, "9999999999" },
		{ 9999999999.6, "10000000000" },
		{ 123456789012.25, "123456789012" },
		{ 0.0001, "0.0001" },
		{ 0.00001234, "1.234e-05" },
		{ NAN, "null" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
	};
	char buf[32];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool same = !strcmp(pm_json_number_text(rows[i].value, buf),
				    rows[i].text);

		if (!same)
			tap_note("row %u: %s", (unsigned)i, buf);
		CHECK(same);
	}
	return true;
}

static bool numbers_come_back(void)
{
	uint64_t state = 88172645463325252u;
	char buf[32], again[32];

	for (unsigned i = 0; i < 200000; i++) {
		double value, back;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		value = (double)(state >> 11); /* whole, below 2^53 */
		CHECK(strtod(pm_json_number_text(value, buf), NULL) == value);
		CHECK(!strpbrk(buf, ".e"));
		value = ldexp(value, (int)(state % 120) - 100);
		back = strtod(pm_json_number_text(value, buf), NULL);
		CHECK(fabs(back - value) <= 5.1e-10 * fabs(value));
		CHECK(!strcmp(pm_json_number_text(back, again), buf));
		CHECK(value < 1e-4 || value >= 9007199254740992.0 ||
		      !strchr(buf, 'e'));
	}
	return true;
}

static bool not_a_number_is_null(void)
{
	struct pm_json j = { 0 };

	pm_json_num(&j, "a", NAN);
	pm_json_num(&j, "b", -INFINITY);
	pm_json_num(&j, "c", 1.5);
	CHECK(says(&j, "\"a\":null,\"b\":null,\"c\":1.5"));
	pm_json_free(&j);
	return true;
}

static bool histogram_as_in_the_format(void)
{
	struct pm_json j = { 0 };
	struct pm_hist h;

	CHECK(!pm_hist_init(&h, 2, NULL));
	pm_json_hist(&j, "rtt", &h);
	CHECK(says(&j, "\"rtt\":{\"sub\":7,\"unit\":\"ns\",\"n\":0,"
		       "\"min\":null,\"max\":null,\"sum\":0,\"sumsq\":0,"
		       "\"over\":0,\"b\":[]}"));
	pm_hist_record(&h, 0);
	pm_hist_record(&h, 1024);
	pm_hist_record(&h, 1031);
	pm_hist_record(&h, 1032);
	pm_hist_record(&h, 1ull << 40);
	pm_json_open(&j, NULL, '{');
	pm_json_hist(&j, "rtt", &h);
	pm_json_u64(&j, "after", 1);
	pm_json_close(&j, '}');
	CHECK(says(&j, "{\"rtt\":{\"sub\":7,\"unit\":\"ns\",\"n\":5,\"min\":0,"
		       "\"max\":1099511627776,\"sum\":1099511630863,"
		       "\"sumsq\":1.20892582e+24,\"over\":1,"
		       "\"b\":[0,1,512,2,1,1]},\"after\":1}"));
	pm_hist_free(&h);
	pm_json_free(&j);
	return true;
}

static bool it_grows(void)
{
	struct pm_json j = { 0 };
	size_t before = 0;

	for (unsigned i = 0; i < 100000; i++) {
		pm_json_u64(&j, NULL, i % 10);
		CHECK(j.length > before && j.length < j.room);
		CHECK(!j.text[j.length]);
		before = j.length;
	}
	CHECK_EQ(j.length, 199999);
	pm_json_free(&j);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(nesting_and_commas);
	TEST(strings_are_escaped);
	TEST(what_is_no_utf8_is_replaced);
	TEST(numbers_have_one_text);
	TEST(numbers_come_back);
	TEST(not_a_number_is_null);
	TEST(histogram_as_in_the_format);
	TEST(it_grows);
	return tap_done();
}
