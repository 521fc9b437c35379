/* list live: the pipes that are there, whoever made them. */
#include <stdio.h>

#include "bench/cmd.h"
#include "bench/json.h"
#include "bench/list.h"
#include "ipc/sys.h"

/* Anybody may have chosen the name: no word of it is for the terminal. */
static void tell_text(void *user, const char *kind, const char *name)
{
	FILE *out = user;

	fprintf(out, "  %-16s ", kind);
	for (; *name; name++)
		putc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name,
		     out);
	putc('\n', out);
}

static void tell_json(void *user, const char *kind, const char *name)
{
	struct pm_json *j = user;

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "kind", kind);
	pm_json_str(j, "name", name);
	pm_json_close(j, '}');
}

static enum ipc_rc as_json(struct ipc_err *err)
{
	struct pm_json j = { 0 };
	enum ipc_rc rc;

	pm_json_open(&j, NULL, '{');
	pm_json_open(&j, "live", '[');
	rc = ipc_live_pipes(tell_json, &j, err);
	pm_json_close(&j, ']');
	pm_json_close(&j, '}');
	if (!rc && j.failed)
		rc = ipc_refuse(err, IPC_NOMEM, "malloc", "list");
	if (!rc)
		puts(j.text);
	pm_json_free(&j);
	return rc;
}

const char pm_list_live_summary[] =
	"named pipes (Windows) or listening sockets (Linux), whoever made "
	"them; no FIFO";

int pm_list_live(bool json)
{
	struct ipc_err err = { .rc = IPC_OK };
	char text[512];
	enum ipc_rc rc = json ? as_json(&err)
			      : ipc_live_pipes(tell_text, stdout, &err);

	if (!rc)
		return PM_STATUS_OK;
	fprintf(stderr, "pipemark list: %s\n",
		ipc_err_text(&err, text, sizeof(text)));
	return PM_STATUS_CANNOT;
}
