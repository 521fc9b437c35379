/* The lines of a matrix file. */
#include "bench/matrix_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_NAME_SHOWN = 100, SHOWN = 40 };

struct pm_kept {
	struct pm_kept *next;
	max_align_t     bytes[];
};

/* A part of the text, without the spaces around it. */
struct slice {
	const char *at;
	size_t      size;
};

struct reader {
	struct pm_matrix *matrix;
	const char       *name;
	size_t            line;
	struct family     common, family;
	bool              in_section;
};

void *pm_matrix_keep(struct pm_matrix *matrix, size_t size)
{
	struct pm_kept *kept = calloc(1, sizeof(*kept) + size);

	if (!kept)
		return NULL;
	kept->next = matrix->kept;
	matrix->kept = kept;
	return kept->bytes;
}

void pm_matrix_free(struct pm_matrix *matrix)
{
	while (matrix->kept) {
		struct pm_kept *next = matrix->kept->next;

		free(matrix->kept);
		matrix->kept = next;
	}
	free(matrix->cells);
	memset(matrix, 0, sizeof(*matrix));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(const char *at, size_t size)
{
	while (size && is_space(at[0])) {
		at++;
		size--;
	}
	while (size && is_space(at[size - 1]))
		size--;
	return (struct slice){ at, size };
}

/* Splits s at the first c; false, and all of it in *first, if there is none. */
static bool split(struct slice s, char c, struct slice *first,
		  struct slice *rest)
{
	const char *p = s.size ? memchr(s.at, c, s.size) : NULL;

	if (!p) {
		*first = trim(s.at, s.size);
		*rest = (struct slice){ s.at + s.size, 0 };
		return false;
	}
	*first = trim(s.at, (size_t)(p - s.at));
	*rest = trim(p + 1, s.size - (size_t)(p - s.at) - 1);
	return true;
}

static char *keep_text(struct pm_matrix *m, struct slice s)
{
	char *text = pm_matrix_keep(m, s.size + 1);

	if (text)
		memcpy(text, s.at, s.size);
	return text;
}

static enum ipc_rc no_memory(struct ipc_err *err)
{
	return ipc_refuse(err, IPC_NOMEM, "matrix", "not enough memory");
}

/* "FILE:LINE", of a long name its end. */
static const char *place(const struct reader *r, char buf[PM_VALUE_MAX])
{
	size_t size = strlen(r->name);
	bool cut = size > FILE_NAME_SHOWN;

	snprintf(buf, PM_VALUE_MAX, "%s%s:%zu", cut ? "..." : "",
		 cut ? r->name + size - FILE_NAME_SHOWN : r->name, r->line);
	return buf;
}

static enum ipc_rc fail(const struct reader *r, const struct ipc_err *why,
			struct ipc_err *err)
{
	char at[PM_VALUE_MAX], text[2 * IPC_NAME_MAX];

	return ipc_refusef(err, why->rc, "", "%s: %s", place(r, at),
			   ipc_err_text(why, text, sizeof(text)));
}

static enum ipc_rc fail_text(const struct reader *r, struct ipc_err *err,
			     struct slice s, const char *why)
{
	char at[PM_VALUE_MAX];
	int size = (int)(s.size < SHOWN ? s.size : SHOWN);

	return ipc_refusef(err, IPC_INVALID, "", "%s: %.*s%s%s", place(r, at),
			   size, s.at, size ? " " : "", why);
}

/* A knob by its name; NULL has filled in err. */
static const struct knob *knob_called(struct slice name, struct ipc_err *err)
{
	char text[PM_VALUE_MAX];
	const struct knob *knob;

	snprintf(text, sizeof(text), "%.*s",
		 (int)(name.size < SHOWN ? name.size : SHOWN), name.at);
	knob = pm_knob_find(text);
	if (!knob)
		pm_knob_unknown(text, err);
	return knob;
}

enum ipc_rc pm_matrix_values(struct pm_matrix *matrix, const struct knob *knob,
			     const char *text, size_t size,
			     struct values *out, struct ipc_err *err)
{
	struct slice rest = { text, size }, value;
	struct pm_config scratch;
	size_t room = 1;
	bool more;

	for (size_t i = 0; i < size; i++)
		room += text[i] == ',';
	*out = (struct values){ .knob = knob };
	out->texts = pm_matrix_keep(matrix, room * sizeof(*out->texts));
	if (!out->texts)
		return no_memory(err);
	do {
		more = split(rest, ',', &value, &rest);
		char *copy = keep_text(matrix, value);

		if (!copy)
			return no_memory(err);
		enum ipc_rc rc = pm_knob_parse(knob, copy, &scratch, err);
		if (rc)
			return rc;
		out->texts[out->count++] = copy;
	} while (more);
	return IPC_OK;
}

void pm_family_put(struct family *family, const struct values *values)
{
	size_t i = 0;

	while (i < family->count && family->lists[i].knob != values->knob)
		i++;
	family->lists[i] = *values;
	family->count += i == family->count;
}

static const struct values *find_values(const struct family *family,
					const struct knob *knob)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->lists[i].knob == knob)
			return &family->lists[i];
	return NULL;
}

static enum ipc_rc read_values(struct reader *r, struct slice name,
			       struct slice list, struct ipc_err *err)
{
	struct ipc_err why = { .rc = IPC_OK };
	const struct knob *knob = knob_called(name, &why);
	struct values values;
	char at[PM_VALUE_MAX];

	if (!knob || pm_matrix_values(r->matrix, knob, list.at, list.size,
				      &values, &why))
		return fail(r, &why, err);
	const struct values *before = find_values(&r->family, knob);
	if (before && before->common == !r->in_section)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%s: %s again, after %s: put its values on "
				   "one line, or in another [section]",
				   place(r, at), knob->name, before->origin);
	place(r, at);
	values.origin = keep_text(r->matrix, (struct slice){ at, strlen(at) });
	if (!values.origin)
		return no_memory(err);
	values.common = !r->in_section;
	pm_family_put(&r->family, &values);
	return IPC_OK;
}

/* "transport:packet" to a term; it is compared with what is printed. */
static enum ipc_rc read_term(struct reader *r, struct slice term,
			     struct skip *skip, struct ipc_err *err)
{
	struct ipc_err why = { .rc = IPC_OK };
	struct slice name, value;
	struct pm_config scratch;
	char text[PM_VALUE_MAX];

	if (!split(term, ':', &name, &value))
		return fail_text(r, err, term,
				 "is no corner: write skip = knob:value "
				 "knob:value");
	const struct knob *knob = knob_called(name, &why);
	if (!knob)
		return fail(r, &why, err);
	char *given = keep_text(r->matrix, value);
	if (!given)
		return no_memory(err);
	if (pm_knob_parse(knob, given, &scratch, &why))
		return fail(r, &why, err);
	pm_knob_print(knob, &scratch, text);
	skip->terms[skip->count].knob = knob;
	skip->terms[skip->count].value =
		keep_text(r->matrix, (struct slice){ text, strlen(text) });
	if (!skip->terms[skip->count++].value)
		return no_memory(err);
	return IPC_OK;
}

static struct slice first_word(struct slice *rest)
{
	struct slice word = { rest->at, 0 };

	while (word.size < rest->size && !is_space(word.at[word.size]))
		word.size++;
	*rest = trim(word.at + word.size, rest->size - word.size);
	return word;
}

static enum ipc_rc read_skip(struct reader *r, struct slice terms,
			     struct ipc_err *err)
{
	struct slice rest = terms;
	size_t count = 0;
	enum ipc_rc rc;

	for (; rest.size; count++)
		first_word(&rest);
	if (!count)
		return fail_text(r, err, terms,
				 "skip what? write skip = knob:value knob:value");
	struct skip *skip = pm_matrix_keep(r->matrix, sizeof(*skip) +
					   count * sizeof(skip->terms[0]));
	if (!skip)
		return no_memory(err);
	for (rest = terms; rest.size;) {
		rc = read_term(r, first_word(&rest), skip, err);
		if (rc)
			return rc;
	}
	skip->next = r->family.skips;
	r->family.skips = skip;
	return IPC_OK;
}

static enum ipc_rc read_section(struct reader *r, struct slice s,
				pm_family_fn *tell, void *user,
				struct ipc_err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	bool ok = s.size > 2 && s.at[s.size - 1] == ']';
	enum ipc_rc rc = IPC_OK;

	for (size_t i = 1; ok && i < s.size - 1; i++)
		ok = strchr(letters, s.at[i]);
	if (!ok)
		return fail_text(r, err, s, "is no section: write [name], of "
				 "letters, digits, . _ -");
	if (r->in_section)
		rc = tell(user, &r->family, err);
	else
		r->common = r->family;
	r->in_section = true;
	r->family = r->common;
	return rc;
}

static enum ipc_rc read_line(struct reader *r, struct slice s,
			     pm_family_fn *tell, void *user,
			     struct ipc_err *err)
{
	struct slice name, rest;

	if (!s.size)
		return IPC_OK;
	if (s.at[0] == '[')
		return read_section(r, s, tell, user, err);
	if (!split(s, '=', &name, &rest))
		return fail_text(r, err, s, "is no line of a matrix: write "
				 "knob = value, value; [section]; skip = "
				 "knob:value; or # comment");
	if (name.size == 4 && !memcmp(name.at, "skip", 4))
		return read_skip(r, rest, err);
	return read_values(r, name, rest, err);
}

enum ipc_rc pm_matrix_read(const char *file_name, const char *text,
			   struct pm_matrix *matrix, pm_family_fn *tell,
			   void *user, struct ipc_err *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	enum ipc_rc rc = IPC_OK;

	if (!r)
		return no_memory(err);
	r->matrix = matrix;
	r->name = file_name;
	if (!strncmp(text, "\xef\xbb\xbf", 3)) /* an editor's mark */
		text += 3;
	while (*text && !rc) {
		size_t size = strcspn(text, "\n"), code = 0;

		while (code < size && text[code] != '#')
			code++;
		r->line++;
		rc = read_line(r, trim(text, code), tell, user, err);
		text += size + (text[size] == '\n');
	}
	if (!rc)
		rc = tell(user, &r->family, err);
	free(r);
	return rc;
}
