/* The gap meter's thread. */
#include "ipc/gap.h"

#include <pthread.h>

#include "ipc/sys.h"

struct meter {
	unsigned       cpu;
	uint64_t       spin_ns, lost_ns;
	enum ipc_rc    rc;
	struct ipc_err err;
};

static void *watch(void *arg)
{
	struct meter *m = arg;

	m->rc = ipc_pin(m->cpu, &m->err);
	if (!m->rc)
		m->lost_ns = ipc_gap_spin(m->spin_ns);
	return NULL;
}

enum ipc_rc ipc_gap_meter(unsigned cpu, uint64_t spin_ns, uint64_t *lost_ns,
			  struct ipc_err *err)
{
	struct meter m = { .cpu = cpu, .spin_ns = spin_ns };
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, watch, &m);

	if (failed)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
				   "pthread_create", "gap meter");
	pthread_join(thread, NULL);
	if (m.rc && err)
		*err = m.err;
	*lost_ns = m.lost_ns;
	return m.rc;
}
