/* Stressors that are trials: two worker programs, meddled with. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/stress_trials.h"
#include "ipc/meddle.h"
#include "ipc/sys.h"

enum { MIB = 1 << 20, SIZE_MAX_BYTES = 4 * MIB };
#define MS_NS PM_MS_NS
#define TIMEOUT_NS (8000 * MS_NS)

void pm_stress_launch(struct pm_stress *s, const struct pm_stress_cell *c,
		      const struct pm_stress_how *how, struct pm_trial *trial)
{
	/* What a test planted hangs for good: no need to be patient. */
	uint64_t timeout = how->timeout_ns ? how->timeout_ns
			   : s->plant	   ? TIMEOUT_NS / 3
					   : TIMEOUT_NS;
	struct pm_launch launch = {
		.cell = &c->cell, .pairing = &c->pairing, .clock = s->clock,
		.folder = s->folder, .seed = s->seed + s->round,
		.timeout_ns = timeout * (ipc_wine() ? 3 : 1),
		.late = how->timeout_ns, .delay_ns = how->delay_ns,
		.meddler = how->meddler,
		.stress = { "look", s->plant ? s->plant : "look" },
	};
	struct ipc_err err;

	for (int end = 0; end < 2; end++)
		if (how->stress[end])
			launch.stress[end] = how->stress[end];
	pm_trial_init(trial);
	if (ipc_random(&launch.token, sizeof(launch.token), &err))
		trial->err = err;
	else
		pm_launch(&launch, trial);
}

static void launch(struct pm_stress *s, const struct pm_stress_cell *c,
		   const struct pm_meddler *meddler, uint64_t delay_ns,
		   struct pm_trial *trial)
{
	struct pm_stress_how how = { .meddler = meddler, .delay_ns = delay_ns };

	pm_stress_launch(s, c, &how, trial);
}

uint64_t pm_stress_size(struct pm_stress *s, uint64_t buffer)
{
	static const uint64_t pipe_buf = 4096;
	uint64_t side = pm_stress_draw(s, 0, 2);

	switch (pm_stress_draw(s, 0, 5)) {
	case 0:
		return pipe_buf - 1 + side;
	case 1:
		return buffer - 1 + side;
	case 2:
		return pm_stress_draw(s, 1, 64);
	case 3:
		return pm_stress_draw(s, 65, 65536);
	case 4:
		return 65535 + side;
	default:
		return pm_stress_draw(s, 65536, SIZE_MAX_BYTES);
	}
}

struct words {
	char size[24], least[24], buffer[24], time[24];
};

/*
 * A cell with a size of the round's; what a transport cannot carry whole is
 * halved until it can.  least of 0: all of one size.
 */
static bool cell_of_size(struct pm_stress *s, uint64_t size, uint64_t buffer,
			 bool mixed, const char *workload, const char *time,
			 struct pm_stress_cell *c)
{
	struct words w;
	const char *const settings[] = {
		"workload", workload, "message", w.size, "message-min",
		w.least, "buffer", w.buffer, "time", time, "warmup", "2ms",
		NULL
	};

	snprintf(w.buffer, sizeof(w.buffer), "%" PRIu64, buffer);
	for (; size; size /= 2) {
		uint64_t broken = s->found.broken;

		snprintf(w.size, sizeof(w.size), "%" PRIu64, size);
		snprintf(w.least, sizeof(w.least), "%" PRIu64,
			 mixed ? (size + 3) / 4 : size);
		if (pm_stress_cell(s, PM_ANY, settings, c))
			return true;
		if (s->found.broken != broken)
			return false;
	}
	return false;
}

void pm_stress_integrity(struct pm_stress *s)
{
	static struct pm_stress_cell cell; /* large */
	static const uint64_t buffers[] = { 4096, 65536, 65536, 1048576 };
	uint64_t buffer = buffers[pm_stress_draw(s, 0, 3)];
	uint64_t size = s->plant ? 4096 : pm_stress_size(s, buffer);
	bool pingpong = !s->plant && !pm_stress_draw(s, 0, 2);
	bool mixed = !s->plant && !pingpong && pm_stress_draw(s, 0, 1);
	struct pm_trial trial;

	if (!cell_of_size(s, size, buffer, mixed,
			  pingpong ? "pingpong" : "stream", "30ms", &cell) &&
	    !cell_of_size(s, size, buffer, false, "stream", "30ms", &cell))
		return;
	launch(s, &cell, NULL, 0, &trial);
	pm_stress_clean(s, &cell, &trial);
	s->found.faults++;
	s->found.recovered += trial.ok;
	pm_trial_free(&trial);
}

/* Slower than the producer by far: the pipe is full all the time. */
void pm_stress_slow(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	uint64_t size = pm_stress_draw(s, 32, 60000);
	uint64_t delay_ns = pm_stress_draw(s, 20, 500) * 1000;
	struct pm_trial trial;

	if (!cell_of_size(s, size, 65536, false, "stream", "60ms", &cell))
		return;
	launch(s, &cell, NULL, delay_ns, &trial);
	pm_stress_clean(s, &cell, &trial);
	s->found.faults++;
	s->found.recovered += trial.ok;
	pm_trial_free(&trial);
}

static bool is_victim(const struct pm_meddling *m, int end)
{
	return m->victim == 2 || m->victim == end;
}

uint64_t pm_stress_stop_and_go(void *user, struct ipc_proc *const proc[2])
{
	struct pm_meddling *m = user;

	m->stopped = !m->stopped;
	for (int end = 0; end < 2; end++) {
		if (!is_victim(m, end))
			continue;
		if (!m->stopped)
			ipc_proc_go_on(proc[end], NULL);
		else
			m->done += !ipc_proc_pause(proc[end], NULL);
	}
	if (m->left)
		m->left--;
	if (!m->left && !m->stopped)
		return 0;
	return pm_stress_draw(m->s, 1, 12) * MS_NS;
}

static uint64_t poke(void *user, struct ipc_proc *const proc[2])
{
	struct pm_meddling *m = user;

	for (int end = 0; end < 2; end++)
		ipc_proc_poke(proc[end], NULL);
	return m->left-- ? pm_stress_draw(m->s, 50, 1000) * 1000 : 0;
}

uint64_t pm_stress_shoot(void *user, struct ipc_proc *const proc[2])
{
	struct pm_meddling *m = user;

	for (int end = 0; end < 2; end++)
		if (is_victim(m, end)) {
			ipc_proc_shoot(proc[end]);
			m->done++;
		}
	return 0;
}

void pm_stress_stopped(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	struct pm_meddling m = { .s = s, .left = 11,
			      .victim = (int)pm_stress_draw(s, 0, 2) };
	struct pm_meddler meddler = { .when = PM_PHASE_MEASURE,
				      .act = pm_stress_stop_and_go, .user = &m };
	uint64_t size = pm_stress_draw(s, 16, 100000);
	bool pingpong = !pm_stress_draw(s, 0, 2);
	struct pm_trial trial;

	if (!cell_of_size(s, size, 65536, false,
			  pingpong ? "pingpong" : "stream", "100ms", &cell) &&
	    !cell_of_size(s, size, 65536, false, "stream", "100ms", &cell))
		return;
	launch(s, &cell, &meddler, 0, &trial);
	pm_stress_clean(s, &cell, &trial);
	s->found.faults += m.done;
	s->found.recovered += trial.ok ? m.done : 0;
	pm_trial_free(&trial);
}

enum ipc_rc pm_stress_can_poke(struct ipc_err *err)
{
	struct ipc_proc nobody = { 0 };

	return ipc_proc_poke(&nobody, err) == IPC_UNSUPPORTED ? IPC_UNSUPPORTED
							      : IPC_OK;
}

/* Only interruptions that a process felt are counted. */
void pm_stress_signals(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	struct pm_meddling m = { .s = s, .left = 300 };
	struct pm_meddler meddler = { .when = PM_PHASE_MEASURE, .act = poke,
				      .user = &m };
	uint64_t size = pm_stress_draw(s, 16, 200000);
	struct pm_trial trial;

	if (!cell_of_size(s, size, 65536, true, "stream", "100ms", &cell))
		return;
	launch(s, &cell, &meddler, 0, &trial);
	pm_stress_clean(s, &cell, &trial);
	s->found.faults += trial.poked;
	s->found.recovered += trial.ok ? trial.poked : 0;
	pm_trial_free(&trial);
}

void pm_stress_judge_killed(struct pm_stress *s,
			    const struct pm_stress_cell *c, uint64_t kills,
			    const struct pm_trial *trial)
{
	struct pm_stress_found *f = &s->found;
	char text[400];

	f->ops++;
	if (trial->ok || !kills)
		return; /* it was over before */
	f->faults += kills;
	f->leaks += trial->leaked;
	if (trial->err.rc == IPC_TIMEOUT)
		f->hangs++;
	else if (trial->err.rc != IPC_GONE && trial->err.rc != IPC_EOF)
		f->broken++;
	else
		f->recovered += kills;
	if (trial->err.rc != IPC_GONE && trial->err.rc != IPC_EOF)
		pm_stress_note(s, "%s: after a kill: %s", c->cell.id,
			       ipc_err_text(&trial->err, text, sizeof(text)));
	else if (trial->leaked)
		pm_stress_note(s, "%s: after a kill %" PRIu64 " handles were "
			       "left open", c->cell.id, trial->leaked);
}

void pm_stress_killed(struct pm_stress *s)
{
	static struct pm_stress_cell cell;
	static const enum pm_phase phases[] = {
		PM_PHASE_OPEN, PM_PHASE_WARMUP, PM_PHASE_MEASURE,
		PM_PHASE_MEASURE
	};
	struct pm_meddling m = { .s = s, .victim = (int)pm_stress_draw(s, 0, 2) };
	struct pm_meddler meddler = { .act = pm_stress_shoot, .user = &m };
	uint64_t size = pm_stress_draw(s, 16, 200000);
	bool pingpong = !pm_stress_draw(s, 0, 2);
	struct pm_trial trial;

	meddler.when = phases[pm_stress_draw(s, 0, 3)];
	meddler.after_ns = pm_stress_draw(s, 0, 40 * MS_NS);
	if (!cell_of_size(s, size, 65536, false,
			  pingpong ? "pingpong" : "stream", "300ms", &cell) &&
	    !cell_of_size(s, size, 65536, false, "stream", "300ms", &cell))
		return;
	launch(s, &cell, &meddler, 0, &trial);
	pm_stress_judge_killed(s, &cell, m.done, &trial);
	pm_trial_free(&trial);
}
