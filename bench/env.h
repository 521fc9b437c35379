#ifndef PM_ENV_H
#define PM_ENV_H
/*
 * The machine, as the system tells it (ipc_facts), and what in it disturbs a
 * measurement.  Unknown is not good: where a fact is not to be had, its
 * warning says so.
 */
#include <stdbool.h>
#include <stddef.h>

#include "ipc/err.h"

enum pm_severity { PM_SEVERITY_INFO, PM_SEVERITY_WARN, PM_SEVERITY_VOID };
extern const char *const pm_severity_names[];

struct pm_fact {
	char       *key, *value; /* value NULL: unknown */
	const char *why;         /* then: "absent", "denied", ... */
	char       *source;
};

struct pm_env_warning {
	const char      *code; /* stable: "governor" */
	enum pm_severity severity;
	char             text[200];
	const char      *next; /* what to do about it; may be NULL */
};

enum { PM_ENV_WARNINGS_MAX = 32 };

struct pm_env {
	struct pm_fact       *facts;
	size_t                count, room;
	struct pm_env_warning warnings[PM_ENV_WARNINGS_MAX];
	size_t                warning_count;
	char                  id[20]; /* see pm_env_judge */
	bool                  failed; /* out of memory */
};

/* Everything: facts, warnings, id. */
enum ipc_rc pm_env_collect(struct pm_env *env, struct ipc_err *err);
void pm_env_free(struct pm_env *env); /* harmless when zeroed */

/* The two halves of it; the first fits ipc_facts, user is the env. */
void pm_env_add(void *env, const char *key, const char *value, const char *why,
		const char *source);
/*
 * Derive warnings and id.  The id is a digest of all facts but those that
 * change by themselves (uptime, load): equal ids are comparable runs.
 */
void pm_env_judge(struct pm_env *env);

/* NULL if unknown. */
const char *pm_env_value(const struct pm_env *env, const char *key);

#endif
