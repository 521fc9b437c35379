#include "bench/phase.h"

#include <stdlib.h>
#include <string.h>

#include "bench/pace.h"
#include "ipc/sys.h"

enum { CHUNK_MAX = 16384 };

enum ipc_rc pm_series_init(struct pm_series *s, uint64_t interval_ticks,
			   size_t room, struct ipc_err *err)
{
	memset(s, 0, sizeof(*s));
	if (!interval_ticks)
		return IPC_OK;
	s->messages = calloc(room, sizeof(*s->messages));
	s->bytes = calloc(room, sizeof(*s->bytes));
	if (!s->messages || !s->bytes) {
		pm_series_free(s);
		return ipc_refuse(err, IPC_NOMEM, "malloc", "time series");
	}
	/* Written once, so that no page is new while measuring. */
	memset(s->messages, 0xff, room * sizeof(*s->messages));
	memset(s->bytes, 0xff, room * sizeof(*s->bytes));
	s->interval_ticks = interval_ticks;
	s->room = room;
	return IPC_OK;
}

void pm_series_free(struct pm_series *s)
{
	free(s->messages);
	free(s->bytes);
	memset(s, 0, sizeof(*s));
}

void pm_series_start(struct pm_series *s, const struct pm_run *run,
		     uint64_t now)
{
	if (!s || !s->interval_ticks)
		return;
	s->count = 0;
	s->next_ticks = now + s->interval_ticks;
	s->seq = run->seq;
	s->total_bytes = run->bytes;
}

/*
 * What came since the last boundary belongs to the interval that ended; the
 * intervals of a stall that spans several were empty.
 */
void pm_series_step(struct pm_series *s, const struct pm_run *run,
		    uint64_t now)
{
	if (!s || !s->interval_ticks)
		return;
	while (now >= s->next_ticks && s->count < s->room) {
		s->messages[s->count] = run->seq - s->seq;
		s->bytes[s->count++] = run->bytes - s->total_bytes;
		s->seq = run->seq;
		s->total_bytes = run->bytes;
		s->next_ticks += s->interval_ticks;
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double median_of(const uint64_t *values, size_t count, uint64_t *scratch)
{
	memcpy(scratch, values, count * sizeof(*values));
	qsort(scratch, count, sizeof(*scratch), by_value);
	return ((double)scratch[(count - 1) / 2] + (double)scratch[count / 2]) /
	       2;
}

bool pm_series_unsteady(const struct pm_series *s)
{
	size_t quarter = s->count / 4;
	uint64_t *scratch;
	double first, last;

	if (quarter < 2)
		return false;
	scratch = malloc(quarter * sizeof(*scratch));
	if (!scratch)
		return false;
	first = median_of(s->messages, quarter, scratch);
	last = median_of(s->messages + s->count - quarter, quarter, scratch);
	free(scratch);
	return last > first * 1.1 || last < first * 0.9;
}

/* Chunks grow and shrink towards chunk_ticks; the first is one message. */
static void chunk_adapt(struct pm_phase_plan *plan, uint64_t took)
{
	if (took < plan->chunk_ticks / 2 && plan->chunk < CHUNK_MAX)
		plan->chunk *= 2;
	else if (took > plan->chunk_ticks * 2 && plan->chunk > 1)
		plan->chunk /= 2;
}

/* A chunk of which 1 in timed_every messages is timed: the last of a group. */
static enum ipc_rc run_chunk(struct pm_run *run, struct pm_phase_plan *plan,
			     uint64_t count)
{
	uint64_t every = plan->timed_every;
	enum ipc_rc rc = IPC_OK;

	run->timed = every == 1;
	if (every <= 1)
		return (every ? plan->timed : plan->plain)(run, count);
	while (count && !rc) {
		uint64_t untimed = plan->timed_left ? plan->timed_left - 1
						    : every - 1;

		if (untimed >= count) {
			plan->timed_left = untimed + 1 - count;
			untimed = count;
		} else {
			plan->timed_left = 0;
		}
		run->timed = false;
		rc = untimed ? plan->plain(run, untimed) : IPC_OK;
		count -= untimed;
		if (rc || plan->timed_left)
			break;
		run->timed = true;
		rc = plan->timed(run, 1);
		count--;
	}
	return rc;
}

/* How many messages until the next reason to look up. */
static uint64_t chunk_size(const struct pm_run *run,
			   const struct pm_phase_plan *plan)
{
	uint64_t count = plan->chunk;

	if (plan->count && plan->count - run->seq < count)
		count = plan->count - run->seq;
	if (plan->drain_every &&
	    plan->drain_every - run->seq % plan->drain_every < count)
		count = plan->drain_every - run->seq % plan->drain_every;
	return count;
}

static enum ipc_rc drain(struct pm_run *run)
{
	if (run->io->flush(run->end))
		return pm_run_failed(run, &run->end->err);
	return ipc_link_drain(&run->end->link, 0, &run->err);
}

enum ipc_rc pm_produce(struct pm_run *run, struct pm_phase_plan *plan)
{
	uint64_t now = plan->start_ticks = ipc_ticks();
	enum ipc_rc rc = IPC_OK;

	if (!plan->chunk)
		plan->chunk = 1;
	plan->timed_left = 0;
	if (run->pace)
		pm_pace_start(run->pace, now,
			      plan->count ? 0 : plan->time_ticks);
	pm_heat_start(plan->heat, now);
	for (;;) {
		uint64_t before = now;

		rc = run_chunk(run, plan, chunk_size(run, plan));
		if (!rc && plan->drain_every && !(run->seq % plan->drain_every))
			rc = drain(run);
		now = ipc_ticks();
		pm_heat_step(plan->heat, now);
		if (rc)
			break;
		if (run->pace && run->pace->over)
			break;
		if (plan->count ? run->seq >= plan->count
				: now - plan->start_ticks >= plan->time_ticks)
			break;
		if (atomic_load_explicit(plan->stop, memory_order_relaxed)) {
			plan->stopped = true;
			break;
		}
		chunk_adapt(plan, now - before);
	}
	pm_heat_end(plan->heat);
	plan->end_ticks = now;
	return rc;
}

enum ipc_rc pm_consume(struct pm_run *run, struct pm_phase_plan *plan)
{
	pm_loop *loop = plan->timed_every ? plan->timed : plan->plain;
	enum ipc_rc rc = loop(run, 1);
	uint64_t now = plan->start_ticks = ipc_ticks();

	if (!plan->chunk)
		plan->chunk = 1;
	pm_series_start(plan->series, run, now);
	pm_heat_start(plan->heat, now);
	while (!rc && !run->closed) {
		uint64_t before = now;

		rc = loop(run, plan->chunk);
		now = ipc_ticks();
		pm_series_step(plan->series, run, now);
		pm_heat_step(plan->heat, now);
		chunk_adapt(plan, now - before);
	}
	pm_heat_end(plan->heat);
	plan->end_ticks = now;
	if (run->foreign && rc == IPC_EOF)
		rc = IPC_OK;
	return rc;
}

enum ipc_rc pm_send_closing(struct pm_run *run)
{
	size_t length = run->size ? pm_draw_length(run) : 1;
	void *data = run->io->reserve(run->end);

	if (!data)
		return pm_run_failed(run, &run->end->err);
	length = length ? length : 1; /* an empty one would be a message */
	pm_msg_close(data, length, run->seq);
	if (run->io->commit(run->end, length, 0) ||
	    run->io->flush(run->end))
		return pm_run_failed(run, &run->end->err);
	/* The receiver's time ends with it: on one CPU what this end does next
	 * (its floor alone takes 1 ms) would be counted as the pipe's. */
	ipc_yield();
	return IPC_OK;
}
