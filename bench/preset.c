/* Matrices by name: embedded ones, and files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/matrix.h"
#include "bench/suggest.h"
#include "ipc/registry.h"
#include "ipc/sys.h"

enum { FILE_MAX = 1024 * 1024 }; /* bytes of a matrix file */

const struct pm_preset *pm_preset_find(const char *name)
{
	char own[32];

	if (!strcmp(name, "default")) {
		snprintf(own, sizeof(own), "default-%s", ipc_host_name());
		name = own;
	}
	for (size_t i = 0; pm_presets[i].name; i++)
		if (!strcmp(pm_presets[i].name, name))
			return &pm_presets[i];
	return NULL;
}

static enum ipc_rc not_found(const char *name, struct ipc_err *err)
{
	struct pm_suggest s;

	pm_suggest_start(&s, name);
	pm_suggest_offer(&s, "default");
	for (size_t i = 0; pm_presets[i].name; i++)
		pm_suggest_offer(&s, pm_presets[i].name);
	if (pm_suggest_best(&s))
		return ipc_refusef(err, IPC_NOT_FOUND, "matrix",
				   "no file and no preset is called %.100s: did "
				   "you mean %s?", name, pm_suggest_best(&s));
	return ipc_refusef(err, IPC_NOT_FOUND, "matrix",
			   "no file and no preset is called %.100s: pipemark "
			   "list presets has them all", name);
}

/* All of a file, terminated, for the caller to free; NULL has filled in err. */
static char *read_file(const char *name, struct ipc_err *err)
{
	FILE *file = ipc_file_open(name, "rb", err);
	char *text = malloc(FILE_MAX + 1);
	size_t size = 0;
	bool ok = false;

	if (!text)
		ipc_refuse(err, IPC_NOMEM, "matrix", "not enough memory");
	if (!file || !text)
		goto done;
	size = fread(text, 1, FILE_MAX + 1, file);
	ok = size <= FILE_MAX && !ferror(file) && !memchr(text, '\0', size);
	if (ferror(file))
		ipc_fail(err, "read", name);
	else if (!ok)
		ipc_refusef(err, IPC_INVALID, "matrix",
			    "%.100s is no matrix: it is %s", name,
			    size > FILE_MAX ? "larger than 1M" : "no text");
done:
	if (file)
		fclose(file);
	if (ok) {
		text[size] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

enum ipc_rc pm_matrix_load(const char *name, const struct pm_setting *settings,
			   size_t count, struct pm_matrix *out,
			   struct ipc_err *err)
{
	const struct pm_preset *preset = name ? pm_preset_find(name) : NULL;
	struct ipc_err mine = { .rc = IPC_OK }, *why = err ? err : &mine;
	char shown[64], *text;
	enum ipc_rc rc;

	memset(out, 0, sizeof(*out));
	if (preset)
		snprintf(shown, sizeof(shown), "%s.matrix", preset->name);
	if (!name || preset)
		return pm_matrix_build(preset ? shown : NULL,
				       preset ? preset->text : NULL, settings,
				       count, out, err);
	text = read_file(name, why);
	if (!text)
		return why->rc == IPC_NOT_FOUND ? not_found(name, err)
						: why->rc;
	rc = pm_matrix_build(name, text, settings, count, out, err);
	free(text);
	return rc;
}
