#ifndef FACTS_H
#define FACTS_H
/* How facts are read: a file, a line, a reason where there is none. */
#include <stdbool.h>

#include "ipc/sys.h"

enum { LX_FACT_MAX = 4096 };

struct lx_teller {
	ipc_fact_fn *tell;
	void        *user;
};

/* First line of the file, without white space around it; false: see errno. */
bool lx_read_line(const char *path, char buf[LX_FACT_MAX]);

/* What follows "name", blanks and ':' or '=' on the first line that begins so. */
bool lx_read_field(const char *path, const char *name, char buf[LX_FACT_MAX]);

/* The number in the file; false where there is none. */
bool lx_read_number(const char *path, long long *number);

void lx_tell(const struct lx_teller *to, const char *key, const char *source,
	     const char *format, ...)
	__attribute__((format(__printf__, 4, 5)));

/* No value; code is an errno: absent, denied, unsupported or error. */
void lx_tell_why(const struct lx_teller *to, const char *key,
		 const char *source, int code);

/* The first line of a file is the value. */
void lx_tell_file(const struct lx_teller *to, const char *key,
		  const char *path);
void lx_tell_field(const struct lx_teller *to, const char *key,
		   const char *path, const char *name);

/*
 * The group that limits this process's CPU time: files of the controller, from
 * its own folder up to the root.  False without a path.
 */
struct lx_group {
	char root[64];
	char path[256];
	bool unified; /* version 2 */
};
bool lx_cpu_group(struct lx_group *group);

#endif
