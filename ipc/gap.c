/* The gap meter's loop; the system's side gives it a thread and a CPU. */
#include "ipc/gap.h"

#include "ipc/clock.h"

enum { GAP_NS = 50000 };

uint64_t ipc_gap_spin(uint64_t spin_ns)
{
	uint64_t start = ipc_now_ns(), before = start, lost = 0, now;

	do {
		now = ipc_now_ns();
		if (now - before > GAP_NS)
			lost += now - before;
		before = now;
	} while (now - start < spin_ns);
	return lost;
}
