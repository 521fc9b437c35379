#include "bench/assassin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "ipc/meddle.h"

enum { TEXT_MAX = 40 };

static bool is_victim(const struct pm_assassin *a, const char *name)
{
	return strlen(name) == a->victim_size &&
	       !strncmp(a->victim, name, a->victim_size);
}

static uint64_t strike(void *user, struct ipc_proc *const proc[2])
{
	struct pm_assassin *a = user;
	struct ipc_proc me = { .id = ipc_process_id() };

	fprintf(stderr, "killed in %s\n", pm_phase_names[a->trial->phase]);
	fflush(stderr);
	for (int end = 0; end < 2; end++)
		if (is_victim(a, pm_end_names[end]) || is_victim(a, "both"))
			ipc_proc_shoot(proc[end]);
	if (is_victim(a, "runner"))
		ipc_proc_shoot(&me);
	return 0;
}

/* The next word up to a colon or the end; false if it does not fit. */
static bool word(const char **at, char out[TEXT_MAX])
{
	size_t size = strcspn(*at, ":");

	if (!size || size >= TEXT_MAX)
		return false;
	memcpy(out, *at, size);
	out[size] = '\0';
	*at += size + ((*at)[size] == ':');
	return true;
}

static bool find_phase(const char *name, enum pm_phase *phase)
{
	for (int i = PM_PHASE_OPEN; i <= PM_PHASE_MEASURE; i++)
		if (!strcmp(name, pm_phase_names[i])) {
			*phase = (enum pm_phase)i;
			return true;
		}
	return false;
}

enum ipc_rc pm_assassin_hire(struct pm_assassin *a, const char *text,
			     struct ipc_err *err)
{
	char victim[TEXT_MAX], phase[TEXT_MAX], after[TEXT_MAX];
	const char *at = text;

	memset(a, 0, sizeof(*a));
	a->meddler.act = strike;
	a->meddler.user = a;
	a->victim = text;
	a->victim_size = strcspn(text, ":");
	if (!word(&at, victim) || !word(&at, phase) || !word(&at, after) ||
	    !find_phase(phase, &a->meddler.when) ||
	    pm_parse_u64(after, UNIT_NS, &a->meddler.after_ns, NULL) ||
	    !(is_victim(a, "both") || is_victim(a, "runner") ||
	      is_victim(a, "producer") || is_victim(a, "consumer")))
		return ipc_refuse(err, IPC_INVALID, "--kill", text);
	a->in_trial = strtoull(at, NULL, 10);
	return IPC_OK;
}
