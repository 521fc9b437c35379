#include "bench/stress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/digest.h"
#include "bench/msg.h"

enum { FINDINGS_MAX = 8 };

const char *const pm_verdict_names[] = {
	"passed", "failed", "too-few", "skipped", NULL
};

const struct pm_stressor *pm_stressor_find(const char *name)
{
	for (const struct pm_stressor *it = pm_stressors; it->name; it++)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}

void pm_stress_round(struct pm_stress *s, uint64_t number)
{
	uint64_t start = ipc_now_ns();

	s->round = number;
	s->random = pm_digest(s->seed ^ PM_DIGEST_START, s->it->name,
			      strlen(s->it->name)) + number;
	s->it->round(s);
	s->rounds++;
	s->used_ns += ipc_now_ns() - start;
}

bool pm_stress_enough(const struct pm_stress *s)
{
	return s->found.ops >= s->it->least_ops &&
	       s->found.faults >= s->it->least_faults;
}

static uint64_t bad(const struct pm_stress_found *f)
{
	return f->lost + f->repeated + f->reordered + f->corrupt + f->hangs +
	       f->leaks + f->broken;
}

bool pm_stress_proven(const struct pm_stress *s)
{
	return bad(&s->found) >= FINDINGS_MAX;
}

enum pm_verdict pm_stress_verdict(const struct pm_stress *s)
{
	if (s->skip.rc != IPC_OK)
		return PM_SKIPPED;
	if (bad(&s->found))
		return PM_FAILED;
	return pm_stress_enough(s) ? PM_PASSED : PM_TOO_FEW;
}

void pm_stress_note(struct pm_stress *s, const char *format, ...)
{
	va_list args;

	if (s->why[0])
		return;
	va_start(args, format);
	vsnprintf(s->why, sizeof(s->why), format, args);
	va_end(args);
	s->why_round = s->round;
}

uint64_t pm_stress_draw(struct pm_stress *s, uint64_t lo, uint64_t hi)
{
	return lo + pm_random(&s->random) % (hi - lo + 1);
}

void pm_stress_clean(struct pm_stress *s, const struct pm_stress_cell *c,
		     const struct pm_trial *trial)
{
	struct pm_stress_found *f = &s->found;
	uint64_t wrong = trial->lost + trial->repeated + trial->reordered +
			 trial->corrupt;
	char text[400];

	f->ops += trial->messages;
	f->lost += trial->lost;
	f->repeated += trial->repeated;
	f->reordered += trial->reordered;
	f->corrupt += trial->corrupt;
	f->leaks += trial->leaked;
	if (!trial->ok && trial->err.rc == IPC_TIMEOUT)
		f->hangs++;
	else if (!trial->ok && !wrong)
		f->broken++;
	if (!trial->ok)
		pm_stress_note(s, "%s: %s", c->cell.id,
			       ipc_err_text(&trial->err, text, sizeof(text)));
	else if (trial->leaked)
		pm_stress_note(s, "%s: %llu handles were left open", c->cell.id,
			       (unsigned long long)trial->leaked);
}
