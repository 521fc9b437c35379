/* list knobs: the table for people, for programs, and as reports/KNOBS.md. */
#include <string.h>

#include "bench/knob.h"
#include "bench/list.h"
#include "bench/text.h"

enum { INDENT = 19 };

/* Is row i the first of its group? */
static bool begins_group(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(pm_knobs[j].group, pm_knobs[i].group))
			return false;
	return true;
}

void pm_list_knobs_text(FILE *out, unsigned width)
{
	char text[4 * PM_VALUE_MAX], range[PM_VALUE_MAX], def[PM_VALUE_MAX];

	for (size_t g = 0; g < pm_knob_count; g++) {
		if (!begins_group(g))
			continue;
		fprintf(out, "%s%s\n", g ? "\n" : "", pm_knobs[g].group);
		for (size_t i = g; i < pm_knob_count; i++) {
			const struct knob *k = &pm_knobs[i];

			if (strcmp(k->group, pm_knobs[g].group))
				continue;
			snprintf(text, sizeof(text), "%s; default %s%s",
				 pm_knob_range(k, range),
				 pm_knob_default(k, def), pm_knob_where(k));
			pm_text_row(out, width, INDENT, k->name, text);
		}
	}
	fprintf(out, "\npipemark help NAME says what one of them does.\n");
}

void pm_list_words_json(struct pm_json *j, const char *key, const char *words)
{
	char word[PM_VALUE_MAX];

	pm_json_open(j, key, '[');
	while (words && *words) {
		size_t size = strcspn(words, " ");

		snprintf(word, sizeof(word), "%.*s", (int)size, words);
		pm_json_str(j, NULL, word);
		words += size + (words[size] == ' ');
	}
	pm_json_close(j, ']');
}

static void knob_json(struct pm_json *j, const struct knob *k)
{
	static const char *const types[] = { "number", "bool", "enum", "text" };
	static const char *const by[] = { "bench", "transport", "engine" };
	char buf[PM_VALUE_MAX];

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "name", k->name);
	pm_json_str(j, "type", types[k->type]);
	if (k->type == KNOB_U64) {
		pm_json_str(j, "unit", pm_unit_name(k->unit));
		pm_json_u64(j, "min", k->min);
		pm_json_u64(j, "max", k->max);
		pm_list_words_json(j, "words", k->words);
	}
	if (k->type == KNOB_ENUM)
		pm_list_words_json(j, "choices", k->choices);
	pm_json_str(j, "values", pm_knob_range(k, buf));
	pm_json_str(j, "def", k->def);
	pm_json_str(j, "host", k->hosts == ON_LINUX     ? "linux"
			       : k->hosts == ON_WINDOWS ? "windows"
							: "both");
	pm_json_str(j, "by", by[k->by]);
	pm_json_bool(j, "question", k->question);
	pm_json_str(j, "group", k->group);
	pm_json_str(j, "help", k->help);
	pm_json_close(j, '}');
}

void pm_list_knobs_json(struct pm_json *j, const char *name)
{
	pm_json_open(j, name, '[');
	for (size_t i = 0; i < pm_knob_count; i++)
		knob_json(j, &pm_knobs[i]);
	pm_json_close(j, ']');
}

/* A "|" would end the cell of the table. */
static void put_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putc('\\', out);
		putc(*text, out);
	}
}

static void markdown_row(FILE *out, const struct knob *k)
{
	char buf[PM_VALUE_MAX];

	fprintf(out, "| `%s` | ", k->name);
	put_cell(out, pm_knob_range(k, buf));
	fprintf(out, " | %s | ", pm_knob_default(k, buf));
	put_cell(out, k->help);
	fprintf(out, "%s", pm_knob_where(k));
	if (k->note) {
		fprintf(out, ". ");
		put_cell(out, k->note);
	}
	fprintf(out, " |\n");
}

void pm_list_knobs_markdown(FILE *out)
{
	fprintf(out,
"# Knobs\n"
"\n"
"Written by `make docs` from the program's own tables; edits here are lost.\n"
"\n"
"A knob is one choice about a cell: `--message 64` on the command line, `message = 64, 4K` in a\n"
"matrix file. Several values, with commas between them, make several cells.\n"
"\n"
"- Sizes: K, M, G are 1024, 1024², 1024³ bytes. Counts and rates: K, M, G are 1000, 1000², 1000³.\n"
"- Times need a unit: ns, us, ms, s, min, h; 0 needs none. 1.5s is fine where it is a whole number of ns.\n"
"- `as X`: what knob X is, unless said otherwise.\n"
"- A knob that a transport or engine does not have is ignored at its default; a cell that changes it is skipped.\n");
	for (size_t g = 0; g < pm_knob_count; g++) {
		if (!begins_group(g))
			continue;
		fprintf(out, "\n## %s\n\n| knob | values | default | what |\n"
			"|---|---|---|---|\n", pm_knobs[g].group);
		for (size_t i = g; i < pm_knob_count; i++)
			if (!strcmp(pm_knobs[i].group, pm_knobs[g].group))
				markdown_row(out, &pm_knobs[i]);
	}
}
