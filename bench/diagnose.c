#include "bench/diagnose.h"

#include <inttypes.h>

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

void pm_diagnose(FILE *out, const char *name, const struct ipc_proc *proc)
{
	struct story story = { out, name, proc };

	ipc_proc_diagnose(proc, tell, &story);
	fflush(out);
}
