/* paced: one way, at planned times. */
#include "bench/loop.h"
#include "bench/pace.h"

/*
 * The message is prepared before its time, so that only its two stamps are
 * written after it.  Lateness is what the pacer adds of its own: a pacer that
 * is never late sends when the plan says so, or when the pipe has let go of
 * the message before, whichever comes last.
 */
PM_TEMPLATE enum ipc_rc pace_body(struct pm_run *run, uint64_t count,
				  const bool careful)
{
	const struct ipc_engine *io = run->io;
	struct ipc_end *end = run->end;
	struct pm_pace *p = run->pace;
	const unsigned flags = p->collect_bytes ? IPC_MORE : 0;
	size_t size = run->size;

	for (; count && p->next < p->end; count--) {
		uint64_t asked = careful ? pm_look(run->send_call) : 0, lent;
		struct pm_paced_msg *msg = io->reserve(end);
		uint64_t now;

		if (!msg)
			return pm_run_failed(run, &end->err);
		lent = careful ? pm_look(run->send_call) : 0;
		if (careful) {
			size = pm_draw_length(run);
			if (run->verify)
				pm_msg_fill_behind(msg, size, run->seq,
						   sizeof(*msg));
		}
		now = ipc_ticks();
		p->ideal += now - p->sent;
		if (p->ideal < p->next)
			p->ideal = p->next;
		if (now < p->next || p->held)
			now = pm_pace_wait(p, run, now);
		if (now < p->next)
			return IPC_OK; /* told to stop */
		msg->seq = run->seq;
		msg->planned_ticks = p->next;
		msg->stamp_ticks = p->sent = now;
		pm_hist_record(run->lateness,
			       ipc_ns(&run->clock, now - p->ideal));
		if (io->commit(end, size, flags))
			return pm_run_failed(run, &end->err);
		if (careful && run->send_call)
			pm_hist_record(run->send_call,
				       ipc_ns(&run->clock, lent - asked +
						      ipc_ticks() - now));
		if (flags)
			pm_pace_gathered(p, size);
		run->seq++;
		run->bytes += size;
		pm_pace_step(p);
	}
	p->over = p->next >= p->end;
	return IPC_OK;
}

static enum ipc_rc pace_plain(struct pm_run *run, uint64_t count)
{
	return pace_body(run, count, false);
}

static enum ipc_rc pace_careful(struct pm_run *run, uint64_t count)
{
	return pace_body(run, count, true);
}

pm_loop *const pm_pace_loops[PM_VARIANTS] = {
	pace_plain, pace_plain, pace_careful
};

/* Clocks of two CPUs may differ by a few ticks: never below 0. */
static inline void record_since(const struct pm_run *run, struct pm_hist *hist,
				struct pm_trace *trace, uint64_t now,
				uint64_t then)
{
	pm_sample(hist, trace,
		  now > then ? ipc_ns(&run->clock, now - then) : 0);
}

PM_TEMPLATE enum ipc_rc arrive_body(struct pm_run *run, uint64_t count,
				    const bool careful)
{
	const struct ipc_engine *io = run->io;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--) {
		const struct pm_paced_msg *msg;
		struct ipc_end *from;
		const void *data;
		uint64_t now, asked = 0;
		int64_t length;

		if (careful) {
			run->end->want = pm_draw_length(run);
			asked = pm_look(run->recv_call);
		}
		length = io->next(run->hub, &from, &data);
		if (length < 0) {
			rc = pm_run_next_failed(run, from, length);
			break;
		}
		msg = data;
		if (__builtin_expect(msg->seq >> 63, 0)) {
			run->closed = true;
			run->closing_count = msg->seq & ~PM_CLOSING;
			break;
		}
		now = ipc_ticks();
		if (careful && run->recv_call)
			pm_hist_record(run->recv_call,
				       ipc_ns(&run->clock, now - asked));
		record_since(run, run->hist, careful ? run->trace : NULL, now,
			     msg->planned_ticks);
		record_since(run, run->service,
			     careful ? run->service_trace : NULL, now,
			     msg->stamp_ticks);
		if (careful && run->verify) {
			run->integrity.corrupt +=
				(size_t)length != run->end->want;
			pm_check_message(run, data, (size_t)length);
		}
		run->seq++;
		run->bytes += (uint64_t)length;
		if (careful && run->delay_ticks)
			pm_spin_ticks(run->delay_ticks);
	}
	return rc;
}

static enum ipc_rc arrive_plain(struct pm_run *run, uint64_t count)
{
	return arrive_body(run, count, false);
}

static enum ipc_rc arrive_careful(struct pm_run *run, uint64_t count)
{
	return arrive_body(run, count, true);
}

pm_loop *const pm_arrive_loops[PM_VARIANTS] = {
	arrive_plain, arrive_plain, arrive_careful
};
