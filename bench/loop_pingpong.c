/* pingpong: a message and its reply, one outstanding. */
#include "bench/loop.h"

/*
 * Round trips are timed back to back: the end of one is the start of the
 * next, so that each costs one look at the clock, and the loop's own few
 * nanoseconds are part of it.
 */
PM_TEMPLATE enum ipc_rc ping_body(struct pm_run *run, uint64_t count,
				  const bool stamp, const bool careful)
{
	const struct ipc_engine *io = run->io;
	struct ipc_end *end = run->end;
	uint64_t before = stamp || careful ? ipc_ticks() : 0;
	size_t size = run->size;

	for (; count; count--) {
		uint64_t asked = careful ? pm_look(run->send_call) : 0;
		struct pm_msg *msg = io->reserve(end);
		uint64_t lent = careful ? pm_look(run->send_call) : 0, given;
		struct ipc_end *from;
		const void *data;
		int64_t length;

		if (!msg)
			return pm_run_failed(run, &end->err);
		if (careful) {
			size = pm_draw_length(run);
			pm_msg_fill(msg, run->verify || size < sizeof(*msg)
					 ? size : sizeof(*msg), run->seq);
		} else {
			msg->seq = run->seq;
			msg->stamp_ticks = 0;
		}
		given = careful ? pm_look(run->send_call) : 0;
		if (careful && run->send_call && size >= sizeof(*msg))
			msg->stamp_ticks = given;
		if (io->commit(end, size, IPC_MORE))
			return pm_run_failed(run, &end->err);
		if (careful && run->send_call)
			pm_hist_record(run->send_call,
				       ipc_ns(&run->clock, lent - asked +
						      ipc_ticks() - given));
		length = io->next(run->hub, &from, &data);
		if (length < 0)
			return pm_run_next_failed(run, from, length);
		if (careful && run->verify) {
			run->integrity.corrupt +=
				(size_t)length != run->reply;
			pm_check_message(run, data, (size_t)length);
		}
		run->seq++;
		run->bytes += size;
		if (careful ? run->timed : stamp) {
			uint64_t now = ipc_ticks();

			pm_sample(run->hist, careful ? run->trace : NULL,
				  ipc_ns(&run->clock, now - before));
			before = now;
		}
	}
	return IPC_OK;
}

static enum ipc_rc ping_plain(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, false, false);
}

static enum ipc_rc ping_stamped(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, true, false);
}

static enum ipc_rc ping_careful(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, false, true);
}

pm_loop *const pm_ping_loops[PM_VARIANTS] = {
	ping_plain, ping_stamped, ping_careful
};

/* The reply to a message of 16 bytes or more carries its sequence back. */
static enum ipc_rc echo_plain(struct pm_run *run, uint64_t count)
{
	const struct ipc_engine *io = run->io;
	struct ipc_end *end = run->end;
	const uint64_t start = count;
	const size_t reply = run->reply;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--) {
		struct ipc_end *from;
		const void *data;
		int64_t length = io->next(run->hub, &from, &data);
		const struct pm_msg *msg = data;
		struct pm_msg *answer;

		if (length < 0) {
			rc = pm_run_next_failed(run, from, length);
			break;
		}
		if (__builtin_expect(msg->seq >> 63, 0)) {
			run->closed = true;
			run->closing_count = msg->seq & ~PM_CLOSING;
			break;
		}
		answer = io->reserve(end);
		if (answer)
			answer->seq = msg->seq;
		if (!answer || io->commit(end, reply, IPC_MORE)) {
			rc = pm_run_failed(run, &end->err);
			break;
		}
	}
	run->seq += start - count;
	run->bytes += (start - count) * run->size;
	return rc;
}

/* When calls are timed, every message of 16 bytes or more has its stamp. */
static void note_receipt(struct pm_run *run, const struct pm_msg *msg,
			 int64_t length, uint64_t asked)
{
	uint64_t now = ipc_ticks();

	pm_hist_record(run->recv_call, ipc_ns(&run->clock, now - asked));
	if (length >= (int64_t)sizeof(*msg) && msg->stamp_ticks && now > msg->stamp_ticks)
		pm_hist_record(run->one_way,
			       ipc_ns(&run->clock, now - msg->stamp_ticks));
}

static enum ipc_rc echo_careful(struct pm_run *run, uint64_t count)
{
	for (; count; count--) {
		size_t want = pm_draw_length(run);
		struct ipc_end *from;
		const void *data;
		uint64_t asked;
		void *answer;
		int64_t length;

		run->end->want = want ? want : 1;
		asked = pm_look(run->recv_call);
		length = run->io->next(run->hub, &from, &data);
		if (length < 0)
			return pm_run_next_failed(run, from, length);
		if (pm_closes(run, data, (size_t)length))
			return IPC_OK;
		if (run->recv_call)
			note_receipt(run, data, length, asked);
		if (run->verify) {
			run->integrity.corrupt += (size_t)length != want;
			pm_check_message(run, data, (size_t)length);
		}
		answer = run->io->reserve(run->end);
		if (!answer)
			return pm_run_failed(run, &run->end->err);
		if (run->verify || run->reply < sizeof(struct pm_msg))
			pm_msg_fill(answer, run->reply, run->seq);
		if (run->delay_ticks)
			pm_spin_ticks(run->delay_ticks);
		if (run->io->commit(run->end, run->reply, IPC_MORE))
			return pm_run_failed(run, &run->end->err);
		run->seq++;
		run->bytes += (uint64_t)length;
	}
	return IPC_OK;
}

pm_loop *const pm_echo_loops[PM_VARIANTS] = {
	echo_plain, echo_plain, echo_careful
};
