#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/digest.h"
#include "bench/knob.h"
#include "bench/past_records.h"
#include "bench/result.h"
#include "ipc/sys.h"

enum { LINE_MAX_BYTES = 256 * 1024 * 1024 };

/* A file on its way in. */
struct reading {
	const char     *path;
	FILE           *file;
	char           *line;  /* without its newline, terminated */
	size_t          length, room;
	bool            whole; /* it ended in a newline */
	unsigned        number; /* of the line, from 1 */
	struct pm_doc   doc;
	struct pm_past *past;
	struct ipc_err *err;
};

static enum ipc_rc complain(struct reading *r, const char *why)
{
	/* The end of a long path says more than its start. */
	size_t n = strlen(r->path), most = IPC_NAME_MAX / 2;
	const char *path = n > most ? r->path + n - most : r->path;

	return ipc_refusef(r->err, IPC_INVALID, "read result", "%s:%u: %s",
			   path, r->number, why);
}

static enum ipc_rc out_of_memory(struct reading *r)
{
	return ipc_refuse(r->err, IPC_NOMEM, "read result", r->path);
}

static enum ipc_rc grow_line(struct reading *r)
{
	size_t room = r->room ? r->room * 2 : 4096;
	char *line;

	if (r->length + 2 < r->room)
		return IPC_OK;
	if (room > LINE_MAX_BYTES)
		return complain(r, "the line has no end");
	line = realloc(r->line, room);
	if (!line)
		return out_of_memory(r);
	r->line = line;
	r->room = room;
	return IPC_OK;
}

/* The next line; IPC_EOF behind the last one. */
static enum ipc_rc read_line(struct reading *r)
{
	enum ipc_rc rc;
	int c;

	r->length = 0;
	r->number++;
	while ((c = getc(r->file)) != EOF && c != '\n') {
		rc = grow_line(r);
		if (rc)
			return rc;
		r->line[r->length++] = (char)c;
	}
	if (ferror(r->file))
		return ipc_fail(r->err, "read", r->path);
	r->whole = c == '\n';
	rc = grow_line(r);
	if (rc)
		return rc;
	r->line[r->length] = '\0';
	return r->whole || r->length ? IPC_OK : IPC_EOF;
}

static bool is_last_line(struct reading *r)
{
	int c = getc(r->file);

	if (c == EOF)
		return true;
	ungetc(c, r->file);
	return false;
}

/* Remember which cell the line speaks of; there is no line 0. */
static bool note_cell(struct pm_past *past, unsigned number, unsigned cell,
		      char arm)
{
	size_t room = 2 * (size_t)number;
	unsigned *cells = past->line_cell;
	char *arms = past->line_arm;

	if (!(number & (number - 1))) { /* room is the next power of 2 */
		cells = realloc(cells, room * sizeof(*cells));
		past->line_cell = cells ? cells : past->line_cell;
		arms = realloc(arms, room);
		past->line_arm = arms ? arms : past->line_arm;
	}
	if (!cells || !arms)
		return false;
	cells[0] = UINT_MAX;
	cells[number] = cell;
	arms[0] = 'a';
	arms[number] = arm;
	past->line_cell_count = number + (size_t)1;
	return true;
}

static enum ipc_rc check_end(struct reading *r)
{
	char said[64], counted[32];

	if (!pm_doc_text(&r->doc, pm_doc_get(&r->doc, 0, "digest"), said,
			 sizeof(said)))
		return complain(r, "an end record without a digest");
	snprintf(counted, sizeof(counted), "fnv1a64:%016llx",
		 (unsigned long long)r->past->digest);
	if (strcmp(said, counted) != 0)
		return complain(r, "its digest is not that of the lines before "
				   "it: one of them was changed");
	return IPC_OK;
}

/* What a record is, and who takes it. */
static enum ipc_rc take_record(struct reading *r, unsigned *cell)
{
	const struct pm_doc *doc = &r->doc;
	int type = pm_doc_get(doc, 0, "t");
	const char *why = NULL;

	*cell = UINT_MAX;
	r->past->ended = false;
	if (pm_doc_says(doc, type, "run"))
		why = "a second run record: that is two files in one";
	else if (pm_doc_says(doc, type, "cell"))
		return pm_past_cell(r->past, doc, cell, &why)
			       ? IPC_OK
			       : complain(r, why);
	else if (pm_doc_says(doc, type, "trial"))
		return pm_past_trial(r->past, doc, cell, &why)
			       ? IPC_OK
			       : complain(r, why);
	else if (pm_doc_says(doc, type, "end"))
		r->past->ended = true;
	else if (type < 0)
		why = "a record without a type";
	if (why)
		return complain(r, why);
	return r->past->ended ? check_end(r) : IPC_OK;
}

static enum ipc_rc take_first(struct reading *r)
{
	const char *why = NULL;
	enum ipc_rc rc = read_line(r);

	if (rc && rc != IPC_EOF)
		return rc;
	if (!rc && r->length > 1 && !memcmp(r->line, "\x1f\x8b", 2))
		return complain(r, "a gzipped file: gunzip it first");
	if (rc || !pm_doc_parse(&r->doc, r->line, r->length) ||
	    !pm_doc_says(&r->doc, pm_doc_get(&r->doc, 0, "t"), "run"))
		return complain(r, "this is no result file of pipemark");
	if (!r->whole)
		return complain(r, "the file ends in its first line");
	return pm_past_run(r->past, &r->doc, &why) ? IPC_OK : complain(r, why);
}

static void count_line(struct reading *r)
{
	struct pm_past *past = r->past;

	past->digest = pm_digest(past->digest, r->line, r->length);
	past->digest = pm_digest(past->digest, "\n", 1);
	past->whole_bytes += r->length + 1;
}

static enum ipc_rc take_lines(struct reading *r)
{
	unsigned cell = UINT_MAX;
	enum ipc_rc rc = take_first(r);
	char arm;

	while (!rc) {
		arm = pm_doc_says(&r->doc, pm_doc_get(&r->doc, 0, "arm"), "b")
			      ? 'b'
			      : 'a';
		if (!note_cell(r->past, r->number, cell, arm))
			return out_of_memory(r);
		count_line(r);
		rc = read_line(r);
		if (rc)
			break;
		if (!r->whole || !pm_doc_parse(&r->doc, r->line, r->length)) {
			if (r->whole && !is_last_line(r))
				return complain(r, "the line is broken");
			r->past->truncated = true;
			return IPC_OK;
		}
		rc = take_record(r, &cell);
	}
	return rc == IPC_EOF ? IPC_OK : rc;
}

enum ipc_rc pm_past_read_stream(FILE *file, const char *name,
				struct pm_past *past, struct ipc_err *err)
{
	struct reading r = { .path = name, .file = file, .past = past,
			     .err = err };
	enum ipc_rc rc;

	*past = (struct pm_past){ .digest = PM_DIGEST_START };
	rc = take_lines(&r);
	if (!rc && !pm_past_complete(past))
		rc = complain(&r, "the file ends before its first trial: there "
				  "is nothing to go on with");
	free(r.line);
	pm_doc_free(&r.doc);
	if (rc)
		pm_past_free(past);
	return rc;
}

enum ipc_rc pm_past_read(const char *path, struct pm_past *past,
			 struct ipc_err *err)
{
	struct ipc_err local = { .rc = IPC_OK };
	enum ipc_rc rc;
	FILE *file;

	err = err ? err : &local;
	*past = (struct pm_past){ 0 };
	file = ipc_file_open(path, "rb", err);
	if (!file)
		return err->rc;
	rc = pm_past_read_stream(file, path, past, err);
	fclose(file);
	return rc;
}

void pm_past_free(struct pm_past *past)
{
	for (int i = 0; i < past->plan.argc; i++)
		free(past->plan.argv[i]);
	free(past->plan.argv);
	free((void *)past->plan.sets[0]);
	free((void *)past->plan.sets[1]);
	free(past->plan.cells);
	for (size_t i = 0; i < past->done_count; i++)
		pm_trial_free(&past->done[i]);
	free(past->done);
	free(past->line_cell);
	free(past->line_arm);
	for (size_t i = 0; i < past->text_count; i++)
		free(past->texts[i]);
	free(past->texts);
	*past = (struct pm_past){ 0 };
}
