/* What the loops share, off their fast paths. */
#include "bench/loop.h"

enum ipc_rc pm_run_failed(struct pm_run *run, const struct ipc_err *err)
{
	run->err = *err;
	return run->err.rc < 0 ? run->err.rc : IPC_OS;
}

enum ipc_rc pm_run_next_failed(struct pm_run *run, struct ipc_end *from,
			       int64_t rc)
{
	if (rc == IPC_EOF || rc == IPC_GONE) {
		if (from && from->err.rc == (enum ipc_rc)rc)
			return pm_run_failed(run, &from->err);
		return ipc_refuse(&run->err, (enum ipc_rc)rc, "read",
				  "the peer left before its closing message");
	}
	return pm_run_failed(run, from ? &from->err : &run->hub->err);
}

size_t pm_draw_length(struct pm_run *run)
{
	uint64_t span = run->size - run->size_min + 1;

	if (span == 1)
		return run->size;
	return run->size_min + (size_t)(pm_random(&run->lengths) % span);
}

/* Empty messages are closed by one byte; below 8 bytes no count is told. */
bool pm_closes(struct pm_run *run, const void *data, size_t length)
{
	if (run->foreign)
		return false;
	run->closed = run->size ? pm_msg_is_closing(data, length,
						    &run->closing_count)
				: length != 0;
	if (run->closed && run->size < sizeof(uint64_t))
		run->closing_count = UINT64_MAX;
	return run->closed;
}

/* Sequence first: a wrong one explains a wrong payload. */
void pm_check_message(struct pm_run *run, const void *data, size_t length)
{
	uint64_t expected = run->seq;
	uint64_t seq = pm_msg_seq(data, length, expected);

	if (seq > expected) {
		run->integrity.lost += seq - expected;
		run->seq = seq;
	} else if (seq < expected) {
		if (run->integrity.lost) {
			run->integrity.lost--;
			run->integrity.reordered++;
		} else {
			run->integrity.repeated++;
		}
		run->seq = expected - 1; /* the caller counts one */
	}
	run->integrity.corrupt +=
		!pm_msg_payload_ok_behind(data, length, seq, run->header);
}

void pm_spin_ticks(uint64_t ticks)
{
	uint64_t start = ipc_ticks();

	while (ipc_ticks() - start < ticks)
		;
}
