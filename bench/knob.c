#include "bench/knob.h"

#include <stdio.h>
#include <string.h>

#include "bench/suggest.h"

/* A field's name as it is typed, letter by letter: '_' becomes '-'. */
#define LETTER(s, i) \
	((i) >= sizeof(s) ? 0 : (s)[(i) % sizeof(s)] == '_' ? '-' : \
	 (s)[(i) % sizeof(s)])
#define LETTERS(s, i) \
	LETTER(s, i), LETTER(s, i + 1), LETTER(s, i + 2), LETTER(s, i + 3)
#define TYPED(s) \
	{ LETTERS(s, 0), LETTERS(s, 4), LETTERS(s, 8), LETTERS(s, 12), \
	  LETTERS(s, 16), LETTERS(s, 20) }

#define ROW(path, field, ktype, ...)                                   \
	{ .name = TYPED(#field), .type = KNOB_##ktype,                 \
	  .offset = offsetof(struct pm_config, path), __VA_ARGS__ },

const struct knob pm_knobs[] = {
#define KNOB(field, type, ...) ROW(io.field, field, type, __VA_ARGS__)
#include "ipc/opts.def"
#undef KNOB
#define KNOB(field, type, ...) ROW(field, field, type, __VA_ARGS__)
#include "bench/knobs.def"
#undef KNOB
};
const size_t pm_knob_count = sizeof(pm_knobs) / sizeof(pm_knobs[0]);

_Static_assert(sizeof(pm_knobs) / sizeof(pm_knobs[0]) <= PM_KNOB_MAX,
	       "more knobs than PM_KNOB_MAX");

static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++)
		if (*typed != *name && !(*typed == '_' && *name == '-'))
			return false;
	return *typed == *name;
}

const struct knob *pm_knob_find(const char *name)
{
	for (size_t i = 0; i < pm_knob_count; i++)
		if (same_name(name, pm_knobs[i].name))
			return &pm_knobs[i];
	return NULL;
}

size_t pm_knob_index(const struct knob *knob)
{
	return (size_t)(knob - pm_knobs);
}

const struct knob *pm_knob_followed(const struct knob *knob)
{
	return knob->def[0] == '=' ? pm_knob_find(knob->def + 1) : NULL;
}

static void *value_of(const struct knob *knob, struct pm_config *config)
{
	return (char *)config + knob->offset;
}

static const void *value_in(const struct knob *knob,
			    const struct pm_config *config)
{
	return (const char *)config + knob->offset;
}

static size_t value_size(const struct knob *knob)
{
	switch (knob->type) {
	case KNOB_U64:
		return sizeof(uint64_t);
	case KNOB_BOOL:
		return sizeof(bool);
	case KNOB_ENUM:
		return sizeof(unsigned);
	case KNOB_TEXT:
		break;
	}
	return IPC_TEXT_MAX;
}

const char *pm_knob_choice(const struct knob *knob, size_t k,
			   char buf[PM_VALUE_MAX])
{
	const char *p = knob->choices ? knob->choices : knob->words;
	size_t size;

	for (; p && *p; p += size + (p[size] == ' ')) {
		size = strcspn(p, " ");
		if (!k--) {
			memcpy(buf, p, size); /* rows are short: tested */
			buf[size] = '\0';
			return buf;
		}
	}
	return NULL;
}

/* The index of a choice or word, -1 if text is none of them. */
static int choice_index(const struct knob *knob, const char *text)
{
	char word[PM_VALUE_MAX];

	for (int k = 0; pm_knob_choice(knob, (size_t)k, word); k++)
		if (!strcmp(word, text))
			return k;
	return -1;
}

/* "write auto, yes, no" of what a row lists, or "did you mean yes?" */
static void choices_text(const struct knob *knob, const char *typed,
			 char *buf, size_t size)
{
	char word[PM_VALUE_MAX];
	struct pm_suggest s;
	size_t used = 0;

	buf[0] = '\0';
	for (size_t k = 0; pm_knob_choice(knob, k, word) && used < size; k++) {
		pm_suggest_start(&s, typed);
		pm_suggest_offer(&s, word);
		if (pm_suggest_best(&s)) {
			snprintf(buf, size, "did you mean %.40s?", word);
			return;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 k ? ", " : "write ", word);
	}
}

static enum ipc_rc refuse(const struct knob *knob, const char *text,
			  const char *why, const char *instead,
			  struct ipc_err *err)
{
	return ipc_refusef(err, IPC_INVALID, knob->name, "%.40s %s%s%s",
			   *text ? text : "nothing", why, *instead ? ": " : "",
			   instead);
}

static enum ipc_rc parse_number(const struct knob *knob, const char *text,
				uint64_t *out, struct ipc_err *err)
{
	char words[PM_VALUE_MAX], bound[PM_VALUE_MAX];
	int word = knob->words ? choice_index(knob, text) : -1;
	struct ipc_err why = { .rc = IPC_OK };
	uint64_t value;

	if (word >= 0) {
		*out = IPC_WORD((unsigned)word);
		return IPC_OK;
	}
	if (pm_parse_u64(text, knob->unit, &value, &why)) {
		choices_text(knob, text, words, sizeof(words));
		if (words[0] == 'd')
			return refuse(knob, text, "is unknown", words, err);
		return ipc_refusef(err, IPC_INVALID, knob->name, "%s%s%s",
				   why.what, *words ? "; or " : "", words);
	}
	if (value >= knob->min && value <= knob->max) {
		*out = value;
		return IPC_OK;
	}
	bool below = value < knob->min;
	pm_print_u64(below ? knob->min : knob->max, knob->unit, bound);
	return refuse(knob, text, below ? "is below the least"
					: "is above the most", bound, err);
}

static enum ipc_rc parse_choice(const struct knob *knob, const char *text,
				unsigned *out, struct ipc_err *err)
{
	char choices[PM_VALUE_MAX];
	int k = choice_index(knob, text);

	if (k < 0) {
		choices_text(knob, text, choices, sizeof(choices));
		return refuse(knob, text, "is unknown", choices, err);
	}
	*out = (unsigned)k;
	return IPC_OK;
}

static enum ipc_rc parse_text(const struct knob *knob, const char *text,
			      char *out, struct ipc_err *err)
{
	char canonical[PM_VALUE_MAX];
	struct ipc_err why = { .rc = IPC_OK };

	if (strlen(text) >= PM_VALUE_MAX)
		return refuse(knob, text, "is too long", "127 bytes at most",
			      err);
	if (pm_domain_check(knob->domain, text, canonical, &why))
		return ipc_refuse(err, IPC_INVALID, knob->name, why.what);
	memset(out, 0, IPC_TEXT_MAX);
	memcpy(out, canonical, strlen(canonical));
	return IPC_OK;
}

enum ipc_rc pm_knob_parse(const struct knob *knob, const char *text,
			  struct pm_config *config, struct ipc_err *err)
{
	void *value = value_of(knob, config);

	switch (knob->type) {
	case KNOB_U64:
		return parse_number(knob, text, value, err);
	case KNOB_BOOL:
		if (strcmp(text, "yes") && strcmp(text, "no"))
			return refuse(knob, text, "is unknown",
				      "write yes or no", err);
		*(bool *)value = text[0] == 'y';
		return IPC_OK;
	case KNOB_ENUM:
		return parse_choice(knob, text, value, err);
	case KNOB_TEXT:
		break;
	}
	return parse_text(knob, text, value, err);
}

const char *pm_knob_print(const struct knob *knob,
			  const struct pm_config *config,
			  char buf[PM_VALUE_MAX])
{
	const void *value = value_in(knob, config);
	uint64_t number;

	switch (knob->type) {
	case KNOB_U64:
		number = *(const uint64_t *)value;
		if (number > INT64_MAX &&
		    pm_knob_choice(knob, (size_t)(UINT64_MAX - number), buf))
			return buf;
		return pm_print_u64(number, knob->unit, buf);
	case KNOB_BOOL:
		snprintf(buf, PM_VALUE_MAX, *(const bool *)value ? "yes" : "no");
		return buf;
	case KNOB_ENUM:
		if (!pm_knob_choice(knob, *(const unsigned *)value, buf))
			snprintf(buf, PM_VALUE_MAX, "?");
		return buf;
	case KNOB_TEXT:
		break;
	}
	snprintf(buf, PM_VALUE_MAX, "%s", (const char *)value);
	return buf;
}

bool pm_knob_equal(const struct knob *knob, const struct pm_config *a,
		   const struct pm_config *b)
{
	if (knob->type == KNOB_TEXT)
		return !strcmp(value_in(knob, a), value_in(knob, b));
	return !memcmp(value_in(knob, a), value_in(knob, b), value_size(knob));
}

void pm_knob_copy(const struct knob *knob, struct pm_config *to,
		  const struct pm_config *from)
{
	memcpy(value_of(knob, to), value_in(knob, from), value_size(knob));
}

bool pm_knob_follows(const struct knob *knob, const struct pm_config *config)
{
	const void *mine = value_in(knob, config);
	const void *its = value_in(pm_knob_followed(knob), config);

	return knob->type == KNOB_TEXT ? !strcmp(mine, its)
				       : !memcmp(mine, its, value_size(knob));
}

void pm_knob_follow(const struct knob *knob, struct pm_config *config)
{
	memcpy(value_of(knob, config),
	       value_in(pm_knob_followed(knob), config), value_size(knob));
}

enum ipc_rc pm_knob_unknown(const char *name, struct ipc_err *err)
{
	struct pm_suggest s;

	pm_suggest_start(&s, name);
	for (size_t i = 0; i < pm_knob_count; i++)
		pm_suggest_offer(&s, pm_knobs[i].name);
	if (pm_suggest_best(&s))
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is no knob: did you mean %s?", name,
				   pm_suggest_best(&s));
	return ipc_refusef(err, IPC_INVALID, "",
			   "%.40s is no knob: pipemark list knobs has them all",
			   *name ? name : "nothing");
}

/* "no", or "yes,no" for a matrix; not the "nothing" of a file's name. */
static bool says_yes_no(const char *text)
{
	size_t size = strcspn(text, ",");

	return (size == 3 && !strncmp(text, "yes", 3)) ||
	       (size == 2 && !strncmp(text, "no", 2));
}

const struct knob *pm_knob_option(int argc, char **argv, int *i,
				  const char **value)
{
	const char *arg = argv[*i], *next = *i + 1 < argc ? argv[*i + 1] : NULL;
	char name[KNOB_NAME_MAX];

	if (strncmp(arg, "--", 2) || strcspn(arg + 2, "=") >= sizeof(name))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg + 2, "="),
		 arg + 2);
	const struct knob *knob = pm_knob_find(name);
	if (!knob)
		return NULL;
	if (strchr(arg, '=')) {
		*value = strchr(arg, '=') + 1;
	} else if (knob->type == KNOB_BOOL && !(next && says_yes_no(next))) {
		*value = "yes";
	} else {
		*value = next;
		*i += next != NULL;
	}
	return knob;
}
