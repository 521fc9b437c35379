#include "bench/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/hist.h"

/* Room for n more bytes and the terminating zero. */
static bool make_room(struct pm_json *j, size_t n)
{
	size_t room = j->room ? j->room : 1024;
	char *text;

	if (j->failed)
		return false;
	if (n < j->room - j->length)
		return true;
	while (room - j->length <= n && room <= SIZE_MAX / 2)
		room *= 2;
	text = room - j->length > n ? realloc(j->text, room) : NULL;
	if (!text) {
		j->failed = true;
		return false;
	}
	j->text = text;
	j->room = room;
	return true;
}

static void put(struct pm_json *j, const char *bytes, size_t n)
{
	if (!make_room(j, n))
		return;
	memcpy(j->text + j->length, bytes, n);
	j->length += n;
	j->text[j->length] = '\0';
}

static void put_text(struct pm_json *j, const char *text)
{
	put(j, text, strlen(text));
}

/*
 * Length in bytes of the UTF-8 character at s, 0 if there is none: overlong
 * forms, surrogates and what lies above U+10FFFF are none.
 */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80	 ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++) /* a zero byte ends it as well */
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_control(struct pm_json *j, unsigned char c)
{
	static const char letters[] = "btn_fr"; /* from 8 on */
	char buf[8];

	if (c >= 8 && c <= 13 && c != 11)
		snprintf(buf, sizeof(buf), "\\%c", letters[c - 8]);
	else
		snprintf(buf, sizeof(buf), "\\u%04x", c);
	put_text(j, buf);
}

static void put_string(struct pm_json *j, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	put(j, "\"", 1);
	while (*s) {
		size_t n = utf8_length(s);

		if (*s == '"' || *s == '\\')
			put(j, "\\", 1);
		if (!n)
			put_text(j, "\xef\xbf\xbd"); /* U+FFFD */
		else if (*s < 0x20)
			put_control(j, *s);
		else
			put(j, (const char *)s, n);
		s += n ? n : 1;
	}
	put(j, "\"", 1);
}

/* What stands before every value: the comma and the key. */
static void put_key(struct pm_json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	if (key) {
		put_string(j, key);
		put(j, ":", 1);
	}
	j->comma = true;
}

void pm_json_free(struct pm_json *j)
{
	free(j->text);
	*j = (struct pm_json){ 0 };
}

void pm_json_reset(struct pm_json *j)
{
	j->length = 0;
	j->comma = j->failed = false;
	if (j->text)
		j->text[0] = '\0';
}

void pm_json_open(struct pm_json *j, const char *key, char bracket)
{
	put_key(j, key);
	put(j, &bracket, 1);
	j->comma = false;
}

void pm_json_close(struct pm_json *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

void pm_json_newline(struct pm_json *j)
{
	put(j, "\n", 1);
	j->comma = false;
}

void pm_json_str(struct pm_json *j, const char *key, const char *value)
{
	put_key(j, key);
	if (value)
		put_string(j, value);
	else
		put_text(j, "null");
}

void pm_json_u64(struct pm_json *j, const char *key, uint64_t value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)value);
	pm_json_raw(j, key, buf);
}

void pm_json_i64(struct pm_json *j, const char *key, int64_t value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%lld", (long long)value);
	pm_json_raw(j, key, buf);
}

const char *pm_json_number_text(double value, char buf[32])
{
	double size = fabs(value);
	bool whole = size < 9007199254740992.0 && /* 2^53 */
		     (size >= 9999999999.5 || floor(value) == value);

	if (!isfinite(value))
		snprintf(buf, 32, "null");
	else if (size == 0) /* "-0" helps nobody */
		snprintf(buf, 32, "0");
	else if (whole) /* %g would turn to exponents from ten digits on */
		snprintf(buf, 32, "%.0f", value);
	else
		snprintf(buf, 32, "%.10g", value);
	return buf;
}

void pm_json_num(struct pm_json *j, const char *key, double value)
{
	char buf[32];

	pm_json_raw(j, key, pm_json_number_text(value, buf));
}

void pm_json_bool(struct pm_json *j, const char *key, bool value)
{
	pm_json_raw(j, key, value ? "true" : "false");
}

void pm_json_null(struct pm_json *j, const char *key)
{
	pm_json_raw(j, key, "null");
}

void pm_json_raw(struct pm_json *j, const char *key, const char *json)
{
	put_key(j, key);
	put_text(j, json);
}

static void put_buckets(struct pm_json *j, const struct pm_hist *h)
{
	uint32_t before = 0;

	pm_json_open(j, "b", '[');
	for (uint32_t i = 0; i < h->size; i++) {
		if (!h->counts[i])
			continue;
		pm_json_u64(j, NULL, i - before);
		pm_json_u64(j, NULL, h->counts[i]);
		before = i;
	}
	pm_json_close(j, ']');
}

void pm_json_hist(struct pm_json *j, const char *key, const struct pm_hist *h)
{
	pm_json_open(j, key, '{');
	pm_json_u64(j, "sub", h->sub);
	pm_json_str(j, "unit", "ns");
	pm_json_u64(j, "n", h->n);
	if (h->n) {
		pm_json_u64(j, "min", h->min);
		pm_json_u64(j, "max", h->max);
	} else {
		pm_json_null(j, "min");
		pm_json_null(j, "max");
	}
	pm_json_u64(j, "sum", h->sum);
	pm_json_num(j, "sumsq", h->sumsq);
	pm_json_u64(j, "over", h->over);
	put_buckets(j, h);
	pm_json_close(j, '}');
}
