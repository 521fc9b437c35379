#include "bench/json_read.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

enum { DEPTH_MAX = 64 };

static const jsmntok_t *token(const struct pm_doc *doc, int value)
{
	return value < 0 ? NULL : (const jsmntok_t *)doc->tokens + value;
}

static bool is_a(const struct pm_doc *doc, int value, jsmntype_t type)
{
	const jsmntok_t *t = token(doc, value);

	return t && t->type == type;
}

/*
 * Every value but the first has a comma, colon or opening bracket in front of
 * it: so many tokens are enough for what is JSON, and for what is not, jsmn
 * runs out of them.  0 for what is nested too deep: the time that jsmn takes
 * grows with the square of the depth.
 */
static size_t most_tokens(const char *text, size_t length)
{
	bool in_string = false;
	unsigned depth = 0;
	size_t n = 1;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		if (in_string)
			continue;
		n += c == ',' || c == ':' || c == '{' || c == '[';
		depth += c == '{' || c == '[';
		depth -= depth && (c == '}' || c == ']');
		if (depth > DEPTH_MAX)
			return 0;
	}
	return n;
}

static bool make_room(struct pm_doc *doc, size_t room)
{
	void *tokens;
	int *after;

	if (room <= doc->room)
		return true;
	tokens = realloc(doc->tokens, room * sizeof(jsmntok_t));
	if (tokens)
		doc->tokens = tokens;
	after = realloc(doc->after, room * sizeof(*after));
	if (after)
		doc->after = after;
	if (!tokens || !after)
		return false;
	doc->room = room;
	return true;
}

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* A number as RFC 8259 has it; what follows a primitive ends it. */
static bool is_number(const char *s, size_t length)
{
	const char *end = s + length;
	size_t n;

	s += *s == '-';
	n = digits(s);
	if (!n || (n > 1 && *s == '0'))
		return false;
	s += n;
	if (*s == '.') {
		n = digits(++s);
		if (!n)
			return false;
		s += n;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		n = digits(s);
		if (!n)
			return false;
		s += n;
	}
	return s == end;
}

static bool is_word(const char *s, size_t length, const char *word)
{
	return length == strlen(word) && !memcmp(s, word, length);
}

static bool is_primitive(const char *s, size_t length)
{
	return is_word(s, length, "true") || is_word(s, length, "false") ||
	       is_word(s, length, "null") || is_number(s, length);
}

/* Where a token stands and what it holds; jsmn leaves much of that open. */
static bool fits(const struct pm_doc *doc, int i)
{
	const jsmntok_t *t = token(doc, i);
	const jsmntok_t *parent = token(doc, t->parent);
	bool key = parent && parent->type == JSMN_OBJECT;
	size_t length = (size_t)(t->end - t->start);

	if (!parent)
		return i == 0 && t->type == JSMN_OBJECT;
	if (parent->type != JSMN_STRING && t->end > parent->end)
		return false;
	if (key)
		return t->type == JSMN_STRING && t->size == 1;
	if (t->type == JSMN_PRIMITIVE)
		return t->size == 0 && is_primitive(doc->text + t->start, length);
	return t->type != JSMN_STRING || t->size == 0;
}

bool pm_doc_parse(struct pm_doc *doc, const char *text, size_t length)
{
	jsmn_parser parser;
	size_t most;

	doc->text = text;
	doc->count = 0;
	if (length > INT_MAX / 2 || memchr(text, '\0', length))
		return false;
	most = most_tokens(text, length);
	if (!most || !make_room(doc, most))
		return false;
	jsmn_init(&parser);
	doc->count = jsmn_parse(&parser, text, length, doc->tokens,
				(unsigned)most);
	if (doc->count < 1)
		return false;
	for (int i = 0; i < doc->count; i++) {
		if (!fits(doc, i))
			return false;
		doc->after[i] = i + 1;
	}
	for (int i = doc->count - 1; i > 0; i--) {
		int parent = token(doc, i)->parent;

		if (doc->after[parent] < doc->after[i])
			doc->after[parent] = doc->after[i];
	}
	return true;
}

void pm_doc_free(struct pm_doc *doc)
{
	free(doc->tokens);
	free(doc->after);
	*doc = (struct pm_doc){ 0 };
}

int pm_doc_first(const struct pm_doc *doc, int parent)
{
	const jsmntok_t *t = token(doc, parent);

	return t && (t->type == JSMN_OBJECT || t->type == JSMN_ARRAY) &&
			       doc->after[parent] > parent + 1
		       ? parent + 1
		       : PM_NO_VALUE;
}

int pm_doc_next(const struct pm_doc *doc, int parent, int child)
{
	int next = doc->after[child];

	return next < doc->after[parent] ? next : PM_NO_VALUE;
}

int pm_doc_of(int key)
{
	return key < 0 ? PM_NO_VALUE : key + 1;
}

int pm_doc_get(const struct pm_doc *doc, int object, const char *key)
{
	int i;

	if (!pm_doc_is_object(doc, object))
		return PM_NO_VALUE;
	for (i = pm_doc_first(doc, object); i >= 0;
	     i = pm_doc_next(doc, object, i))
		if (pm_doc_says(doc, i, key))
			return pm_doc_of(i);
	return PM_NO_VALUE;
}

bool pm_doc_is_object(const struct pm_doc *doc, int value)
{
	return is_a(doc, value, JSMN_OBJECT);
}

bool pm_doc_is_array(const struct pm_doc *doc, int value)
{
	return is_a(doc, value, JSMN_ARRAY);
}

bool pm_doc_is_null(const struct pm_doc *doc, int value)
{
	return is_a(doc, value, JSMN_PRIMITIVE) &&
	       doc->text[token(doc, value)->start] == 'n';
}

/* Reads \uXXXX. */
static bool read_unit(const char **s, const char *end, uint32_t *unit)
{
	*unit = 0;
	if (end - *s < 6 || (*s)[0] != '\\' || (*s)[1] != 'u')
		return false;
	for (int i = 2; i < 6; i++) {
		char c = (*s)[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (uint32_t)((c | 32) - 'a') + 10;
		else
			return false;
		*unit = *unit << 4 | digit;
	}
	*s += 6;
	return true;
}

/* A character from its one or two units; 0 for what must not be in a text. */
static uint32_t read_code(const char **s, const char *end)
{
	uint32_t code, low;

	if (!read_unit(s, end, &code))
		return 0;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code > 0xdbff || !read_unit(s, end, &low) || low < 0xdc00 ||
	    low > 0xdfff)
		return 0;
	return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

static size_t put_utf8(char out[4], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* One character, plain or escaped, into out; 0 if it is none. */
static size_t read_character(const char **s, const char *end, char out[4])
{
	static const char letters[] = "bfnrt\"\\/", meant[] = "\b\f\n\r\t\"\\/";
	const char *letter;
	uint32_t code;

	if (**s != '\\') {
		out[0] = *(*s)++;
		return 1;
	}
	if (end - *s < 2)
		return 0;
	letter = memchr(letters, (*s)[1], sizeof(letters) - 1);
	if (letter) {
		out[0] = meant[letter - letters];
		*s += 2;
		return 1;
	}
	code = read_code(s, end);
	return code ? put_utf8(out, code) : 0;
}

bool pm_doc_text(const struct pm_doc *doc, int value, char *buf, size_t size)
{
	const jsmntok_t *t = token(doc, value);
	const char *s, *end;
	size_t used = 0;

	if (!is_a(doc, value, JSMN_STRING))
		return false;
	s = doc->text + t->start;
	end = doc->text + t->end;
	while (s < end) {
		char out[4];
		size_t n = read_character(&s, end, out);

		if (!n || n >= size - used)
			return false;
		memcpy(buf + used, out, n);
		used += n;
	}
	if (used >= size)
		return false;
	buf[used] = '\0';
	return true;
}

bool pm_doc_says(const struct pm_doc *doc, int value, const char *text)
{
	const jsmntok_t *t = token(doc, value);

	return t && t->type == JSMN_STRING &&
	       is_word(doc->text + t->start, (size_t)(t->end - t->start), text);
}

bool pm_doc_u64(const struct pm_doc *doc, int value, uint64_t *out)
{
	const jsmntok_t *t = token(doc, value);
	const char *s;
	uint64_t n = 0;

	if (!is_a(doc, value, JSMN_PRIMITIVE))
		return false;
	s = doc->text + t->start;
	if (digits(s) != (size_t)(t->end - t->start))
		return false;
	for (; s < doc->text + t->end; s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

bool pm_doc_number(const struct pm_doc *doc, int value, double *out)
{
	const jsmntok_t *t = token(doc, value);

	if (!is_a(doc, value, JSMN_PRIMITIVE) ||
	    !is_number(doc->text + t->start, (size_t)(t->end - t->start)))
		return false;
	*out = strtod(doc->text + t->start, NULL);
	return true;
}

bool pm_doc_bool(const struct pm_doc *doc, int value, bool *out)
{
	const jsmntok_t *t = token(doc, value);
	char first = is_a(doc, value, JSMN_PRIMITIVE) ? doc->text[t->start] : 0;

	*out = first == 't';
	return first == 't' || first == 'f';
}
