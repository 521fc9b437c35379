/*
 * Phases of a lane of several links, all on one thread.  Fair by turns: a
 * message of each, then again; receiving, the engine takes care of it.
 */
#include "bench/many.h"

enum { LOOK_EVERY = 64 }; /* messages between two looks at the clock, streaming */

static enum ipc_rc failed(struct pm_lane *lane, const struct pm_run *run)
{
	lane->w.err = run->err;
	return run->err.rc;
}

static bool time_is_over(const struct pm_phase_plan *plan, uint64_t now)
{
	return (plan->time_ticks && !plan->count &&
		now - plan->start_ticks >= plan->time_ticks) ||
	       atomic_load_explicit(plan->stop, memory_order_relaxed);
}

static bool has_sent_all(const struct pm_phase_plan *plan,
			 const struct pm_run *run)
{
	return plan->count && run->seq >= plan->count;
}

static enum ipc_rc close_all(struct pm_lane *lane)
{
	for (unsigned i = 0; i < lane->count; i++)
		if (pm_send_closing(&lane->links[i].run))
			return failed(lane, &lane->links[i].run);
	return IPC_OK;
}

/* Streaming: a message of each link in turn. */
static enum ipc_rc stream_all(struct pm_lane *lane)
{
	struct pm_phase_plan *plan = &lane->w.plan;
	uint64_t every = plan->timed_every, sent = 0;

	for (;;) {
		unsigned finished = 0;

		for (unsigned i = 0; i < lane->count; i++) {
			struct pm_run *run = &lane->links[i].run;

			if (has_sent_all(plan, run)) {
				finished++;
				continue;
			}
			run->timed = every && run->seq % every == every - 1;
			if (pm_send_loops[PM_CAREFUL](run, 1))
				return failed(lane, run);
		}
		sent += lane->count;
		if (finished == lane->count)
			return IPC_OK;
		if (sent < LOOK_EVERY)
			continue;
		sent = 0;
		if (time_is_over(plan, ipc_ticks()))
			return IPC_OK;
	}
}

static enum ipc_rc send_one(struct pm_lane_link *link)
{
	struct pm_run *run = &link->run;

	/* The send loop counts what has not been answered yet. */
	uint64_t seq = run->seq, bytes = run->bytes;
	enum ipc_rc rc;

	link->sent_ticks = ipc_ticks();
	run->timed = false;
	rc = pm_send_loops[PM_CAREFUL](run, 1);
	run->seq = seq;
	link->want = (size_t)(run->bytes - bytes);
	run->bytes = bytes;
	return rc;
}

static void take_answer(struct pm_lane_link *link, const void *data,
			size_t length)
{
	struct pm_run *run = &link->run;

	if (run->verify) {
		run->integrity.corrupt += length != run->reply;
		pm_check_message(run, data, length);
	}
	if (run->hist)
		pm_hist_record(run->hist, ipc_ns(&run->clock, ipc_ticks() -
						 link->sent_ticks));
	run->seq++;
	run->bytes += link->want;
}

/* Ping-pong: each link has a message under way, and the next when it is back. */
static enum ipc_rc play_all(struct pm_lane *lane)
{
	struct pm_phase_plan *plan = &lane->w.plan;
	unsigned under_way = 0;

	for (unsigned i = 0; i < lane->count; i++, under_way++)
		if (send_one(&lane->links[i]))
			return failed(lane, &lane->links[i].run);
	while (under_way) {
		struct pm_lane_link *link;
		struct ipc_end *from;
		const void *data;
		int64_t length = lane->w.engine->next(lane->w.hub, &from,
						      &data);

		if (length < 0) {
			pm_run_next_failed(&lane->w.run, from, length);
			return failed(lane, &lane->w.run);
		}
		link = from->user;
		take_answer(link, data, (size_t)length);
		if (has_sent_all(plan, &link->run) ||
		    time_is_over(plan, link->sent_ticks))
			under_way--;
		else if (send_one(link))
			return failed(lane, &link->run);
	}
	return IPC_OK;
}

enum ipc_rc pm_many_produce(struct pm_lane *lane)
{
	struct pm_phase_plan *plan = &lane->w.plan;
	enum ipc_rc rc = IPC_OK;

	plan->start_ticks = ipc_ticks();
	if (plan->time_ticks || plan->count)
		rc = lane->w.duplex ? play_all(lane) : stream_all(lane);
	plan->end_ticks = ipc_ticks();
	return rc ? rc : close_all(lane);
}

/* Receiving. */

static void draw_want(struct pm_lane_link *link)
{
	link->want = pm_draw_length(&link->run);
	link->run.end->want = link->want ? link->want : 1;
}

static enum ipc_rc answer(struct pm_lane_link *link)
{
	struct pm_run *run = &link->run;
	void *data = run->io->reserve(run->end);

	if (!data)
		return pm_run_failed(run, &run->end->err);
	pm_msg_fill(data, run->verify || run->reply < sizeof(struct pm_msg)
				  ? run->reply : sizeof(struct pm_msg),
		    run->seq);
	if (run->io->commit(run->end, run->reply, IPC_MORE))
		return pm_run_failed(run, &run->end->err);
	return IPC_OK;
}

static void take_message(struct pm_lane_link *link, const void *data,
			 size_t length, uint64_t now)
{
	struct pm_run *run = &link->run;
	const struct pm_msg *msg = data;

	if (run->hist && length >= sizeof(*msg) && msg->stamp_ticks)
		pm_hist_record(run->hist,
			       ipc_ns(&run->clock, now - msg->stamp_ticks));
	if (run->verify) {
		run->integrity.corrupt += length != link->want;
		pm_check_message(run, data, length);
	}
}

static enum ipc_rc take(struct pm_lane *lane, struct pm_lane_link *link,
			const void *data, size_t length, uint64_t now)
{
	struct pm_run *run = &link->run, *all = &lane->w.run;

	if (!link->first_ticks)
		link->first_ticks = now;
	link->last_ticks = now;
	if (pm_closes(run, data, length)) {
		lane->open--;
		draw_want(link);
		return IPC_OK;
	}
	take_message(link, data, length, now);
	if (lane->w.duplex && answer(link))
		return failed(lane, run);
	run->seq++;
	run->bytes += length;
	all->seq++;
	all->bytes += length;
	draw_want(link);
	return IPC_OK;
}

/* The next phase of every link; of the whole, the totals. */
static void start_receiving(struct pm_lane *lane)
{
	lane->open = lane->count;
	for (unsigned i = 0; i < lane->count; i++) {
		struct pm_lane_link *link = &lane->links[i];

		link->first_ticks = link->last_ticks = 0;
	}
}

/* Who has said all may leave while the others go on. */
static bool has_left(const struct ipc_end *from, int64_t rc)
{
	const struct pm_lane_link *link = from ? from->user : NULL;

	return link && link->run.closed && (rc == IPC_EOF || rc == IPC_GONE);
}

enum ipc_rc pm_many_consume(struct pm_lane *lane)
{
	struct pm_phase_plan *plan = &lane->w.plan;
	const struct ipc_engine *io = lane->w.engine;
	bool started = false;

	start_receiving(lane);
	while (lane->open) {
		struct ipc_end *from;
		const void *data;
		int64_t length = io->next(lane->w.hub, &from, &data);
		uint64_t now = ipc_ticks();

		if (has_left(from, length))
			continue;
		if (length < 0) {
			pm_run_next_failed(&lane->w.run, from, length);
			return failed(lane, &lane->w.run);
		}
		if (!started) {
			plan->start_ticks = now;
			if (plan->series)
				pm_series_start(plan->series, &lane->w.run,
						now);
		}
		started = true;
		if (take(lane, from->user, data, (size_t)length, now))
			return lane->w.err.rc;
		if (plan->series)
			pm_series_step(plan->series, &lane->w.run, now);
		plan->end_ticks = now;
	}
	return IPC_OK;
}
