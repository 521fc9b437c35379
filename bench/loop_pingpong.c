/* pingpong: a message and its reply, one outstanding. */
#include "bench/loop.h"

/*
 * Messages below 16 bytes in a plain loop: nobody looks at their content but
 * for the closing message, in whose sequence, or all of whose bits below 8
 * bytes, the highest bit is set.  So a byte without it is all that is written.
 */
static inline size_t mark_of(size_t size)
{
	return size < sizeof(uint64_t) ? 0 : sizeof(uint64_t) - 1;
}

PM_TEMPLATE bool closes(struct pm_run *run, const void *data, int64_t length,
			const bool small)
{
	const struct pm_msg *msg = data;
	const unsigned char *bytes = data;

	if (small)
		return bytes[mark_of((size_t)length)] & 0x80 &&
		       pm_closes(run, data, (size_t)length);
	if (__builtin_expect(!(msg->seq >> 63), 1))
		return false;
	run->closed = true;
	run->closing_count = msg->seq & ~PM_CLOSING;
	return true;
}

/*
 * Round trips are timed back to back: the end of one is the start of the
 * next, so that each costs one look at the clock, and the loop's own few
 * nanoseconds are part of it.  Both flags are constants in every caller.
 */
PM_TEMPLATE enum ipc_rc ping_body(struct pm_run *run, uint64_t count,
				  const bool stamp, const bool small)
{
	const struct ipc_engine io = *run->io; /* in registers */
	struct ipc_end *end = run->end;
	struct ipc_hub *hub = run->hub;
	uint64_t before = stamp ? ipc_ticks() : 0, seq = run->seq;
	const size_t size = run->size;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--, seq++) {
		struct pm_msg *msg = io.reserve(end);
		struct ipc_end *from;
		const void *data;
		int64_t length;

		if (msg && small) {
			((unsigned char *)msg)[mark_of(size)] = 0;
		} else if (msg) {
			msg->seq = seq;
			msg->stamp_ticks = 0;
		}
		if (!msg || io.commit(end, size, IPC_MORE)) {
			rc = pm_run_failed(run, &end->err);
			break;
		}
		length = io.next(hub, &from, &data);
		if (length < 0) {
			rc = pm_run_next_failed(run, from, length);
			break;
		}
		if (stamp) {
			uint64_t now = ipc_ticks();

			pm_hist_record(run->hist,
				       ipc_ns(&run->clock, now - before));
			before = now;
		}
	}
	run->bytes += (seq - run->seq) * size;
	run->seq = seq;
	return rc;
}

PM_HOT static enum ipc_rc ping_plain(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, false, false);
}

static enum ipc_rc ping_stamped(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, true, false);
}

PM_HOT static enum ipc_rc ping_small(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, false, true);
}

static enum ipc_rc ping_small_stamped(struct pm_run *run, uint64_t count)
{
	return ping_body(run, count, true, true);
}

static enum ipc_rc ping_careful(struct pm_run *run, uint64_t count)
{
	const struct ipc_engine *io = run->io;
	struct ipc_end *end = run->end;
	uint64_t before = ipc_ticks();

	for (; count; count--) {
		uint64_t asked = pm_look(run->send_call);
		struct pm_msg *msg = io->reserve(end);
		uint64_t lent = pm_look(run->send_call), given;
		size_t size = pm_draw_length(run);
		struct ipc_end *from;
		const void *data;
		int64_t length;

		if (!msg)
			return pm_run_failed(run, &end->err);
		pm_msg_fill(msg, run->verify || size < sizeof(*msg)
				 ? size : sizeof(*msg), run->seq);
		given = pm_look(run->send_call);
		if (run->send_call && size >= sizeof(*msg))
			msg->stamp_ticks = given;
		if (io->commit(end, size, IPC_MORE))
			return pm_run_failed(run, &end->err);
		if (run->send_call)
			pm_hist_record(run->send_call,
				       ipc_ns(&run->clock, lent - asked +
						      ipc_ticks() - given));
		length = io->next(run->hub, &from, &data);
		if (length < 0)
			return pm_run_next_failed(run, from, length);
		if (run->verify) {
			run->integrity.corrupt +=
				(size_t)length != run->reply;
			pm_check_message(run, data, (size_t)length);
		}
		run->seq++;
		run->bytes += size;
		if (run->timed) {
			uint64_t now = ipc_ticks();

			pm_sample(run->hist, run->trace,
				  ipc_ns(&run->clock, now - before));
			before = now;
		}
	}
	return IPC_OK;
}

pm_loop *const pm_ping_loops[PM_VARIANTS] = {
	ping_plain, ping_stamped, ping_careful, ping_small, ping_small_stamped
};

/* The reply to a message of 16 bytes or more carries its sequence back. */
PM_TEMPLATE enum ipc_rc echo_body(struct pm_run *run, uint64_t count,
				  const bool small)
{
	const struct ipc_engine io = *run->io; /* in registers */
	struct ipc_end *end = run->end;
	struct ipc_hub *hub = run->hub;
	const uint64_t start = count;
	const size_t reply = run->reply;
	enum ipc_rc rc = IPC_OK;

	for (; count; count--) {
		struct ipc_end *from;
		const void *data;
		int64_t length = io.next(hub, &from, &data);
		const struct pm_msg *msg = data;
		struct pm_msg *answer;

		if (length < 0) {
			rc = pm_run_next_failed(run, from, length);
			break;
		}
		if (closes(run, data, length, small))
			break;
		answer = io.reserve(end);
		if (answer && !small)
			answer->seq = msg->seq;
		if (!answer || io.commit(end, reply, IPC_MORE)) {
			rc = pm_run_failed(run, &end->err);
			break;
		}
	}
	run->seq += start - count;
	run->bytes += (start - count) * run->size;
	return rc;
}

PM_HOT static enum ipc_rc echo_plain(struct pm_run *run, uint64_t count)
{
	return echo_body(run, count, false);
}

PM_HOT static enum ipc_rc echo_small(struct pm_run *run, uint64_t count)
{
	return echo_body(run, count, true);
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
	echo_plain, echo_plain, echo_careful, echo_small, echo_small
};
