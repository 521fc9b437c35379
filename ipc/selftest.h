#ifndef IPC_SELFTEST_H
#define IPC_SELFTEST_H
/*
 * What this program takes for granted about the system's pipes, to be asked of
 * the machine it runs on.  Every question brings its own pipes, ends by itself
 * within seconds, and leaves nothing behind.
 */
#include <stdbool.h>

struct ipc_answer {
	char seen[96];
	bool asked; /* false: seen says why not */
};

struct ipc_claim {
	const char *about;
	const char *expected; /* "this or that"; NULL: it is only noted */
	const char *wine;     /* what Wine 8 does instead; NULL: the same */
	void      (*ask)(struct ipc_answer *);
};
extern const struct ipc_claim ipc_claims[]; /* ended by a NULL about */

/* The words of an answer; a code of the system, 0 being "succeeds". */
void ipc_saw(struct ipc_answer *, const char *format, ...)
	__attribute__((format(__printf__, 2, 3)));
void ipc_saw_code(struct ipc_answer *, unsigned code);
/* The question could not be put. */
void ipc_not_asked(struct ipc_answer *, const char *format, ...)
	__attribute__((format(__printf__, 2, 3)));

enum ipc_verdict {
	IPC_AS_EXPECTED,
	IPC_AS_WINE,    /* differs, as Wine is known to */
	IPC_UNEXPECTED,
	IPC_NOTED,      /* nothing was expected */
	IPC_NOT_ASKED
};
/*
 * "A (details)" is an A.  Under Wine a difference that is not there is as
 * unexpected as a new one.
 */
enum ipc_verdict ipc_judge(const struct ipc_claim *, const struct ipc_answer *,
			   bool wine);

#endif
