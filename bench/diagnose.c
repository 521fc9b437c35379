#include "bench/diagnose.h"

#include <inttypes.h>

#include "bench/lastops.h"
#include "ipc/meddle.h"

struct story {
	FILE                  *out;
	const char            *name;
	const struct ipc_proc *proc;
};

static void tell(void *user, const char *line)
{
	const struct story *s = user;

	fprintf(s->out, "hang: %s %" PRIu64 ": %s\n", s->name, s->proc->id,
		line);
}

void pm_diagnose(FILE *out, const char *name, const struct ipc_proc *proc,
		 uint64_t ring)
{
	struct story story = { out, name, proc };
	char prefix[80];

	ipc_proc_diagnose(proc, tell, &story);
	snprintf(prefix, sizeof(prefix), "hang: %s %" PRIu64 ": ", name,
		 proc->id);
	pm_lastops_tell(out, prefix, proc, ring);
	fflush(out);
}
