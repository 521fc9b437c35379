#ifndef PM_CMD_H
#define PM_CMD_H
/*
 * The subcommands, one file each: argv[0] is the name of the command, what is
 * returned is the exit status.
 */
int pm_cmd_run(int argc, char **argv);
int pm_cmd_stress(int argc, char **argv);
int pm_cmd_selftest(int argc, char **argv);
int pm_cmd_list(int argc, char **argv);
int pm_cmd_help(int argc, char **argv);

extern const char pm_stress_usage[];
extern const char pm_selftest_usage[];

enum pm_status { /* of every command; if several apply, the first here wins */
	PM_STATUS_FOUND       = 1, /* what it looks for: a regression, a loss */
	PM_STATUS_FAILED      = 4, /* measuring failed in part; the rest is kept */
	PM_STATUS_CANNOT      = 3, /* cannot be done or proven here */
	PM_STATUS_REQUEST     = 2, /* the request or a file was wrong */
	PM_STATUS_INTERRUPTED = 130,
	PM_STATUS_OK          = 0
};

struct pm_command {
	const char *name;
	int       (*run)(int argc, char **argv);
	const char *summary;
	const char *python; /* needs Python: its own program, beside this one */
	const char *usage;  /* what help says of it; NULL: see cmd_help.c */
};
extern const struct pm_command pm_commands[]; /* ended by a NULL name */

#endif
