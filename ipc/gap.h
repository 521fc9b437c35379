#ifndef IPC_GAP_H
#define IPC_GAP_H
/* What others take away from one CPU. */
#include <stdint.h>

#include "ipc/err.h"

/*
 * A thread bound to this CPU looks at the clock for spin_ns and adds up the
 * gaps above 50 us between two looks.  lost_ns may exceed spin_ns by the last
 * gap.  The caller's own CPUs stay as they are.
 */
enum ipc_rc ipc_gap_meter(unsigned cpu, uint64_t spin_ns, uint64_t *lost_ns,
			  struct ipc_err *err);

uint64_t ipc_gap_spin(uint64_t spin_ns); /* the loop, on the calling thread */

#endif
