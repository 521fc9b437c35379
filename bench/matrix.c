/* The cross product of a matrix, and sets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/matrix_file.h"

struct builder {
	struct pm_matrix     *matrix;
	const char           *name;
	const struct values  *settings;
	size_t                setting_count;
	size_t                cells; /* all of them, whatever became of them */
};

static enum ipc_rc no_memory(struct ipc_err *err)
{
	return ipc_refuse(err, IPC_NOMEM, "matrix", "not enough memory");
}

static bool is_skipped(const struct skip *skip, const struct pm_config *config)
{
	char value[PM_VALUE_MAX];

	for (; skip; skip = skip->next) {
		size_t i = 0;

		while (i < skip->count &&
		       !strcmp(pm_knob_print(skip->terms[i].knob, config,
					     value), skip->terms[i].value))
			i++;
		if (i == skip->count)
			return true;
	}
	return false;
}

/* How many cells a family has; more than the limit is all the same. */
static size_t product(const struct family *family)
{
	size_t count = 1;

	for (size_t i = 0; i < family->count; i++) {
		count *= family->lists[i].count;
		if (count > PM_CELLS_MAX)
			return PM_CELLS_MAX + 1;
	}
	return count;
}

static enum ipc_rc make_room(struct pm_matrix *m, size_t more,
			     struct ipc_err *err)
{
	size_t room = m->count + more;
	struct pm_cell *cells;

	if (room <= m->room)
		return IPC_OK;
	cells = realloc(m->cells, room * sizeof(*cells));
	if (!cells)
		return no_memory(err);
	m->cells = cells;
	m->room = room;
	return IPC_OK;
}

/* The n-th cell of a family; the last list's values change first. */
static void fill_cell(const struct family *family, size_t n,
		      struct pm_cell *cell)
{
	pm_cell_init(cell);
	for (size_t i = family->count; i-- > 0;) {
		const struct values *v = &family->lists[i];

		/* they were parsed when they were read */
		pm_cell_set(cell, v->knob->name, v->texts[n % v->count],
			    v->origin, NULL);
		n /= v->count;
	}
	pm_cell_finish(cell, NULL); /* a refusal stays in the cell */
}

static enum ipc_rc add_family(void *user, const struct family *given,
			      struct ipc_err *err)
{
	struct builder *b = user;
	struct pm_matrix *m = b->matrix;
	struct family family = *given;
	size_t count;
	enum ipc_rc rc;

	for (size_t i = 0; i < b->setting_count; i++)
		pm_family_put(&family, &b->settings[i]);
	count = product(&family);
	b->cells += count;
	if (count > PM_CELLS_MAX || b->cells > PM_CELLS_MAX)
		return ipc_refusef(err, IPC_INVALID, "matrix",
				   "%.100s has more than %d cells: fewer values, "
				   "or several matrices", b->name, PM_CELLS_MAX);
	rc = make_room(m, count, err);
	for (size_t n = 0; n < count && !rc; n++) {
		struct pm_cell *cell = &m->cells[m->count];

		fill_cell(&family, n, cell);
		if (is_skipped(family.skips, &cell->config))
			m->corners++;
		else
			m->count++;
	}
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct pm_cell *x = *(struct pm_cell *const *)a;
	const struct pm_cell *y = *(struct pm_cell *const *)b;
	int order = strcmp(x->id, y->id);

	return order ? order : (x > y) - (x < y);
}

/* Of cells with one id the first stays, in its place. */
static enum ipc_rc drop_doubles(struct pm_matrix *m, struct ipc_err *err)
{
	const struct pm_cell **sorted;
	size_t kept = 0;
	bool *drop;

	if (m->count < 2)
		return IPC_OK;
	sorted = malloc(m->count * sizeof(struct pm_cell *));
	drop = calloc(m->count, sizeof(*drop));
	for (size_t i = 0; sorted && drop && i < m->count; i++)
		sorted[i] = &m->cells[i];
	if (sorted && drop) {
		qsort(sorted, m->count, sizeof(sorted[0]), by_id);
		for (size_t i = 1; i < m->count; i++)
			drop[sorted[i] - m->cells] =
				!strcmp(sorted[i]->id, sorted[i - 1]->id);
		for (size_t i = 0; i < m->count; i++)
			if (!drop[i])
				m->cells[kept++] = m->cells[i];
		m->doubles = m->count - kept;
		m->count = kept;
	}
	free(sorted);
	free(drop);
	return kept ? IPC_OK : no_memory(err);
}

static enum ipc_rc check_whole(const struct builder *b, struct ipc_err *err)
{
	const struct pm_matrix *m = b->matrix;
	size_t i = 0;

	if (!m->count)
		return ipc_refusef(err, IPC_INVALID, "matrix",
				   "%.100s skips every cell that it has",
				   b->name);
	while (i < m->count && m->cells[i].refused.rc)
		i++;
	if (i < m->count)
		return IPC_OK;
	if (err)
		*err = m->cells[0].refused;
	return m->cells[0].refused.rc;
}

/* "--a: message: ..."; the command line needs no such mark. */
static void mark_origin(const char *origin, struct ipc_err *err)
{
	char text[2 * IPC_NAME_MAX];

	if (err && strcmp(origin, "command line"))
		ipc_refuse(err, err->rc, origin,
			   ipc_err_text(err, text, sizeof(text)));
}

static enum ipc_rc read_settings(struct pm_matrix *m,
				 const struct pm_setting *settings,
				 size_t count, struct values *out,
				 struct ipc_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct pm_setting *s = &settings[i];
		const struct knob *knob = pm_knob_find(s->name);
		enum ipc_rc rc;

		rc = knob ? pm_matrix_values(m, knob, s->value,
					     strlen(s->value), &out[i], err)
			  : pm_knob_unknown(s->name, err);
		if (rc) {
			mark_origin(s->origin, err);
			return rc;
		}
		out[i].origin = s->origin;
	}
	return IPC_OK;
}

enum ipc_rc pm_matrix_build(const char *file_name, const char *file_text,
			    const struct pm_setting *settings, size_t count,
			    struct pm_matrix *out, struct ipc_err *err)
{
	struct builder b = { .matrix = out,
			     .name = file_text ? file_name : "the command line",
			     .setting_count = count };
	struct values *values = calloc(count + 1, sizeof(*values));
	enum ipc_rc rc;

	memset(out, 0, sizeof(*out));
	if (!values)
		return no_memory(err);
	b.settings = values;
	rc = read_settings(out, settings, count, values, err);
	if (!rc)
		rc = pm_matrix_read(b.name, file_text ? file_text : "", out,
				    add_family, &b, err);
	if (!rc)
		rc = drop_doubles(out, err);
	if (!rc)
		rc = check_whole(&b, err);
	free(values);
	if (rc)
		pm_matrix_free(out);
	return rc;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return !at ? -1 : (int)(at - digits) - (at - digits > 15 ? 6 : 0);
}

/* Decodes %XX in place; false if one is none, or stands for no byte. */
static bool unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		int high = hex_digit(text[1]);
		int low = high < 0 ? -1 : hex_digit(text[2]);

		if (low < 0 || !(high | low))
			return false;
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return true;
}

/* "kind=named"; word is ours to cut. */
static enum ipc_rc apply_word(char *word, const char *origin, bool *seen,
			      struct pm_cell *cell, struct ipc_err *err)
{
	char *value = strchr(word, '=');

	if (!value)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is no setting: write knob=value "
				   "knob=value", word);
	*value++ = '\0';
	const struct knob *knob = pm_knob_find(word);
	if (!knob)
		return pm_knob_unknown(word, err);
	if (seen[pm_knob_index(knob)])
		return ipc_refuse(err, IPC_INVALID, knob->name,
				  "is there twice: one value a knob");
	seen[pm_knob_index(knob)] = true;
	if (!unescape(value))
		return ipc_refusef(err, IPC_INVALID, knob->name,
				   "%.40s: a %% needs two hexadecimal digits "
				   "after it", value);
	return pm_cell_set(cell, knob->name, value, origin, err);
}

enum ipc_rc pm_set_apply(const char *set, const char *origin,
			 struct pm_cell *cell, struct ipc_err *err)
{
	size_t size = strlen(set) + 1;
	char *text = malloc(size), *p = text;
	bool seen[PM_KNOB_MAX] = { false };
	enum ipc_rc rc = IPC_OK;

	if (!text)
		return no_memory(err);
	memcpy(text, set, size);
	while (!rc && *(p += strspn(p, " \t\r\n"))) {
		char *word = p;

		p += strcspn(p, " \t\r\n");
		if (*p)
			*p++ = '\0';
		rc = apply_word(word, origin, seen, cell, err);
	}
	free(text);
	if (!rc)
		rc = pm_cell_finish(cell, err);
	if (rc)
		mark_origin(origin, err);
	return rc;
}
