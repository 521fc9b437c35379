/* The gap meter's thread. */
#include "ipc/gap.h"

#include <windows.h>

#include "ipc/sys.h"

struct meter {
	unsigned       cpu;
	uint64_t       spin_ns, lost_ns;
	enum ipc_rc    rc;
	struct ipc_err err;
};

static DWORD WINAPI watch(void *arg)
{
	struct meter *m = arg;

	m->rc = ipc_pin(m->cpu, &m->err);
	if (!m->rc)
		m->lost_ns = ipc_gap_spin(m->spin_ns);
	return 0;
}

enum ipc_rc ipc_gap_meter(unsigned cpu, uint64_t spin_ns, uint64_t *lost_ns,
			  struct ipc_err *err)
{
	struct meter m = { .cpu = cpu, .spin_ns = spin_ns };
	HANDLE thread = CreateThread(NULL, 0, watch, &m, 0, NULL);

	if (!thread)
		return ipc_fail(err, "CreateThread", "gap meter");
	WaitForSingleObject(thread, INFINITE);
	CloseHandle(thread);
	if (m.rc && err)
		*err = m.err;
	*lost_ns = m.lost_ns;
	return m.rc;
}
