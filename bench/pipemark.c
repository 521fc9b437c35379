/* The program: its commands, and those of other programs beside it. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/suggest.h"
#include "bench/text.h"
#include "ipc/proc.h"
#include "ipc/sys.h"

/*
 * Where pipemark-NAME may be: beside this program, where `make install` puts
 * the scripts, and in a source tree.
 */
static const char *const places[] = {
	"", "/../libexec/pipemark", "/../../../scripts", NULL
};

static int unknown(const char *name)
{
	struct pm_suggest s;

	pm_suggest_start(&s, name);
	for (const struct pm_command *c = pm_commands; c->name; c++)
		pm_suggest_offer(&s, c->name);
	fprintf(stderr, "pipemark: there is no command %.60s", name);
	if (pm_suggest_best(&s))
		fprintf(stderr, "; did you mean %s?\n", pm_suggest_best(&s));
	else
		fprintf(stderr, "; pipemark help lists them\n");
	return PM_STATUS_REQUEST;
}

static int run_beside(char **argv, bool known)
{
	char folder[1024], path[1200], text[512];
	struct ipc_err err = { .rc = IPC_OK };
	int status = PM_STATUS_REQUEST;

	if (ipc_program_folder(folder, sizeof(folder), &err))
		folder[0] = '\0';
	for (size_t i = 0; places[i]; i++) {
		enum ipc_rc rc;

		snprintf(path, sizeof(path), "%s%s", folder, places[i]);
		rc = ipc_become(path, argv[0], argv, &status, &err);
		if (rc == IPC_OK)
			return status;
		if (rc != IPC_NOT_FOUND) {
			fprintf(stderr, "pipemark: %s\n",
				ipc_err_text(&err, text, sizeof(text)));
			return PM_STATUS_CANNOT;
		}
	}
	if (!known)
		return unknown(argv[0]);
	fprintf(stderr, "pipemark: %s is a Python script that is not here (no "
		"pipemark-%s beside this program); result files can be read "
		"on another machine\n", argv[0], argv[0]);
	return PM_STATUS_CANNOT;
}

static int dispatch(int argc, char **argv)
{
	for (const struct pm_command *c = pm_commands; c->name; c++)
		if (!strcmp(c->name, argv[0]))
			return c->run ? c->run(argc, argv)
				      : run_beside(argv, true);
	/* A name, and no path: whoever installs pipemark-NAME adds a command. */
	if (argv[0][0] == '-' || strpbrk(argv[0], "/\\"))
		return unknown(argv[0]);
	return run_beside(argv, false);
}

static int command(int argc, char **argv)
{
	static char help[] = "help";
	char *nothing[] = { help, NULL };

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return pm_cmd_help(1, nothing);
	if (!strcmp(argv[1], "--version")) {
		puts("pipemark " PM_VERSION);
		return PM_STATUS_OK;
	}
	return dispatch(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	ipc_program_start(&argc, &argv);
	return pm_text_said("pipemark", command(argc, argv));
}
