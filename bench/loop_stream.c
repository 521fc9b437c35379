/* stream: one way, as fast as it goes. */
#include "bench/loop.h"

/* Both flags are constants in every caller: no test of them is compiled. */
PM_TEMPLATE enum ipc_rc send_body(struct pm_run *run, uint64_t count,
				  const bool stamp, const bool careful)
{
	const struct ipc_engine *io = run->io;
	struct ipc_end *end = run->end;
	size_t size = run->size;
	uint64_t seq = run->seq;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--, seq++) {
		uint64_t asked = careful ? pm_look(run->send_call) : 0;
		struct pm_msg *msg = io->reserve(end);
		uint64_t lent = careful ? pm_look(run->send_call) : 0, given;

		if (!msg) {
			rc = pm_run_failed(run, &end->err);
			break;
		}
		if (careful) {
			size = pm_draw_length(run);
			run->bytes += size;
			if (run->verify || size < sizeof(*msg))
				pm_msg_fill(msg, size, seq);
		}
		if (!careful || size >= sizeof(*msg)) {
			msg->seq = seq;
			msg->stamp_ticks = stamp || (careful && run->timed)
						   ? ipc_ticks() : 0;
		}
		given = careful ? pm_look(run->send_call) : 0;
		rc = io->commit(end, size, IPC_MORE);
		if (rc) {
			rc = pm_run_failed(run, &end->err);
			break;
		}
		if (careful && run->send_call)
			pm_hist_record(run->send_call,
				       ipc_ns(&run->clock, lent - asked +
						      ipc_ticks() - given));
	}
	if (!careful)
		run->bytes += (seq - run->seq) * size;
	run->seq = seq;
	return rc;
}

PM_HOT static enum ipc_rc send_plain(struct pm_run *run, uint64_t count)
{
	return send_body(run, count, false, false);
}

static enum ipc_rc send_stamped(struct pm_run *run, uint64_t count)
{
	return send_body(run, count, true, false);
}

static enum ipc_rc send_careful(struct pm_run *run, uint64_t count)
{
	return send_body(run, count, false, true);
}

pm_loop *const pm_send_loops[PM_VARIANTS] = {
	send_plain, send_stamped, send_careful
};

/* Messages of 16 bytes and more, all of one size. */
PM_TEMPLATE enum ipc_rc receive_body(struct pm_run *run, uint64_t count,
				     const bool stamp)
{
	const struct ipc_engine *io = run->io;
	struct ipc_hub *hub = run->hub;
	const uint64_t start = count;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--) {
		struct ipc_end *from;
		const void *data;
		int64_t length = io->next(hub, &from, &data);
		const struct pm_msg *msg = data;

		if (length < 0) {
			rc = pm_run_next_failed(run, from, length);
			break;
		}
		if (__builtin_expect(msg->seq >> 63, 0)) {
			run->closed = true;
			run->closing_count = msg->seq & ~PM_CLOSING;
			break;
		}
		if (stamp && msg->stamp_ticks)
			pm_hist_record(run->hist,
				       ipc_ns(&run->clock, ipc_ticks() -
					      msg->stamp_ticks));
	}
	run->seq += start - count;
	run->bytes += (start - count) * run->size;
	return rc;
}

PM_HOT static enum ipc_rc receive_plain(struct pm_run *run, uint64_t count)
{
	return receive_body(run, count, false);
}

static enum ipc_rc receive_stamped(struct pm_run *run, uint64_t count)
{
	return receive_body(run, count, true);
}

static enum ipc_rc receive_careful(struct pm_run *run, uint64_t count)
{
	for (; count; count--) {
		size_t want = pm_draw_length(run);
		struct ipc_end *from;
		const struct pm_msg *msg;
		const void *data;
		uint64_t asked;
		int64_t length;

		run->end->want = want ? want : 1;
		asked = pm_look(run->recv_call);
		length = run->io->next(run->hub, &from, &data);
		if (length < 0)
			return pm_run_next_failed(run, from, length);
		if (pm_closes(run, data, (size_t)length))
			return IPC_OK;
		if (run->recv_call)
			pm_hist_record(run->recv_call,
				       ipc_ns(&run->clock,
					      ipc_ticks() - asked));
		msg = data;
		if (run->hist && length >= (int64_t)sizeof(*msg) &&
		    !run->foreign && msg->stamp_ticks)
			pm_sample(run->hist, run->trace,
				  ipc_ns(&run->clock, ipc_ticks() -
						 msg->stamp_ticks));
		if (run->verify && !run->foreign) {
			run->integrity.corrupt += (size_t)length != want;
			pm_check_message(run, data, (size_t)length);
		}
		run->seq++;
		run->bytes += (uint64_t)length;
		if (run->delay_ticks)
			pm_spin_ticks(run->delay_ticks);
	}
	return IPC_OK;
}

pm_loop *const pm_receive_loops[PM_VARIANTS] = {
	receive_plain, receive_stamped, receive_careful
};
