/* Stressors that are trials: many clients, a drain in vain, little room. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/stress_trials.h"
#include "ipc/meddle.h"
#include "ipc/sys.h"

/* A trial of several clients; false where this pair has one only. */
static bool crowd_cell(struct pm_stress *s, uint64_t size, const char *time,
		       struct pm_stress_cell *c)
{
	char clients[24], words[24], least[24];
	const char *const settings[] = {
		"workload", "stream", "message", words, "message-min", least,
		"clients", clients, "time", time, "warmup", "2ms", NULL
	};
	uint64_t most = ipc_wine() || pm_stress_draw(s, 0, 3) ? 6 : 24;

	snprintf(clients, sizeof(clients), "%" PRIu64,
		 pm_stress_draw(s, 2, most));
	snprintf(words, sizeof(words), "%" PRIu64, size);
	snprintf(least, sizeof(least), "%" PRIu64, size);
	return pm_stress_cell(s, PM_NAMED, settings, c);
}

/* All at full speed into one consumer, every byte of each checked. */
void pm_stress_writers(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	const struct pm_stress_how how = { .meddler = NULL };
	struct pm_trial trial;

	if (!crowd_cell(s, pm_stress_draw(s, 16, 60000), "40ms", &cell))
		return;
	pm_stress_launch(s, &cell, &how, &trial);
	pm_stress_clean(s, &cell, &trial);
	s->found.faults += cell.cell.config.io.clients;
	s->found.recovered += trial.ok ? cell.cell.config.io.clients : 0;
	pm_trial_free(&trial);
}

/* A client of several, or their server, or both. */
void pm_stress_crowd(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	struct pm_meddling m = { .s = s,
				 .victim = (int)pm_stress_draw(s, 0, 2) };
	struct pm_meddler meddler = {
		.when = pm_stress_draw(s, 0, 3) ? PM_PHASE_MEASURE
						: PM_PHASE_OPEN,
		.after_ns = pm_stress_draw(s, 0, 30 * PM_MS_NS),
		.act = pm_stress_shoot, .user = &m,
	};
	const struct pm_stress_how how = { .meddler = &meddler };
	struct pm_trial trial;

	if (!crowd_cell(s, pm_stress_draw(s, 16, 60000), "300ms", &cell))
		return;
	pm_stress_launch(s, &cell, &how, &trial);
	pm_stress_judge_killed(s, &cell, m.done, &trial);
	pm_trial_free(&trial);
}

/* The consumer stands still and never goes on. */
static uint64_t stop_for_good(void *user, struct ipc_proc *const proc[2])
{
	struct pm_meddling *m = user;

	m->done += !ipc_proc_pause(proc[PM_CONSUMER], NULL);
	return 0;
}

/* It waits for a reader that reads no more: somebody has to end it. */
static void judge_drain(struct pm_stress *s, const struct pm_stress_cell *c,
			const struct pm_meddling *m,
			const struct pm_trial *trial)
{
	struct pm_stress_found *f = &s->found;
	char text[400];

	f->ops++;
	if (!m->done)
		return; /* it was over before */
	f->faults++;
	f->leaks += trial->leaked;
	if (trial->err.rc == IPC_TIMEOUT) {
		f->recovered++;
		return;
	}
	f->broken++;
	pm_stress_note(s, "%s: a drain without a reader: %s", c->cell.id,
		       trial->ok ? "it ended well"
				 : ipc_err_text(&trial->err, text,
						sizeof(text)));
}

/*
 * All is sent and lies in the pipe: the producer drains.  The reader dies,
 * the drainer dies, the reader pauses, or stops for good.
 */
void pm_stress_drain(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	static const char *const settings[] = {
		"workload", "stream", "message", "512", "message-min", "512",
		"count", "8", "drain", "end", "warmup", "0s", NULL
	};
	uint64_t kind = pm_stress_draw(s, 0, 6);
	struct pm_meddling m = { .s = s, .victim = kind % 2 ? PM_PRODUCER
							    : PM_CONSUMER };
	struct pm_meddler meddler = {
		.when = PM_PHASE_MEASURE, .user = &m,
		.after_ns = pm_stress_draw(s, 5 * PM_MS_NS, 60 * PM_MS_NS),
	};
	struct pm_stress_how how = { .meddler = &meddler,
				     .delay_ns = 15 * PM_MS_NS };
	struct pm_trial trial;

	if (!pm_stress_cell(s, PM_ANY, settings, &cell))
		return;
	meddler.act = kind == 6  ? stop_for_good
		      : kind > 3 ? pm_stress_stop_and_go
				 : pm_stress_shoot;
	if (kind == 6)
		how.timeout_ns = 600 * PM_MS_NS;
	else if (kind > 3)
		m.victim = PM_CONSUMER, m.left = 1;
	pm_stress_launch(s, &cell, &how, &trial);
	if (kind == 6) {
		judge_drain(s, &cell, &m, &trial);
	} else if (kind > 3) {
		pm_stress_clean(s, &cell, &trial);
		s->found.faults += m.done;
		s->found.recovered += trial.ok ? m.done : 0;
	} else {
		pm_stress_judge_killed(s, &cell, m.done, &trial);
	}
	pm_trial_free(&trial);
}

enum ipc_rc pm_stress_can_limit(struct ipc_err *err)
{
	return ipc_limit_memory(UINT64_MAX, err) == IPC_UNSUPPORTED
	       ? IPC_UNSUPPORTED : IPC_OK;
}

/* One end has too little of something: it says of what, or has enough. */
static void judge_poor(struct pm_stress *s, const struct pm_stress_cell *c,
		       const char *limit, const struct pm_trial *trial)
{
	struct pm_stress_found *f = &s->found;
	enum ipc_rc rc = trial->err.rc;
	char text[400];

	f->ops++;
	f->faults += !trial->ok; /* one that was felt */
	f->leaks += trial->leaked;
	if (rc == IPC_TIMEOUT)
		f->hangs++;
	else if (!trial->ok && (rc == IPC_GONE || rc == IPC_EOF ||
				rc == IPC_CORRUPT))
		f->broken++;
	else
		f->recovered += !trial->ok;
	if (!trial->ok &&
	    (rc == IPC_TIMEOUT || rc == IPC_GONE || rc == IPC_EOF ||
	     rc == IPC_CORRUPT))
		pm_stress_note(s, "%s: with %s: %s", c->cell.id, limit,
			       ipc_err_text(&trial->err, text, sizeof(text)));
	else if (trial->leaked)
		pm_stress_note(s, "%s: with %s %" PRIu64 " handles were left "
			       "open", c->cell.id, limit, trial->leaked);
}

void pm_stress_limits(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	static const char *const settings[] = {
		"workload", "stream", "message", "64K", "message-min", "64K",
		"depth", "8", "time", "20ms", "warmup", "2ms", NULL
	};
	static const char *const smaller[] = {
		"workload", "stream", "message", "4K", "message-min", "4K",
		"time", "20ms", "warmup", "2ms", NULL
	};
	struct pm_stress_how how = { .meddler = NULL };
	bool memory = pm_stress_draw(s, 0, 1);
	struct pm_trial trial;
	char limit[40];

	snprintf(limit, sizeof(limit), memory ? "memory:%" PRIu64
					      : "handles:%" PRIu64,
		 memory ? pm_stress_draw(s, 0, 200) * 1024
			: pm_stress_draw(s, 0, 2));
	how.stress[pm_stress_draw(s, 0, 1)] = limit;
	if (!pm_stress_cell(s, PM_ANY, settings, &cell) &&
	    !pm_stress_cell(s, PM_ANY, smaller, &cell))
		return;
	pm_stress_launch(s, &cell, &how, &trial);
	judge_poor(s, &cell, limit, &trial);
	pm_trial_free(&trial);
}
