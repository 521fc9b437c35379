/* Which CPUs the two programs run on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "ipc/sys.h"

enum { CPUS_MAX = 1024 };

static enum ipc_rc pair_of(const char *text, const unsigned *cpus, size_t count,
			   int cpu[2], struct ipc_err *err)
{
	for (int i = 0; i < 2; i++) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);
		size_t k = 0;

		while (k < count && cpus[k] != number)
			k++;
		if (k == count)
			return ipc_refusef(err, IPC_UNSUPPORTED, "placement",
					   "there is no CPU %lu that this "
					   "process may use", number);
		cpu[i] = (int)number;
		text = end + 1;
	}
	return IPC_OK;
}

enum ipc_rc pm_place(const char *placement, int cpu[2], struct ipc_err *err)
{
	unsigned cpus[CPUS_MAX];
	size_t count = ipc_cpus(cpus, CPUS_MAX);

	cpu[PM_PRODUCER] = cpu[PM_CONSUMER] = -1;
	if (!strcmp(placement, "free") || !count)
		return IPC_OK;
	if (strchr(placement, ':'))
		return pair_of(placement, cpus, count, cpu, err);
	if (!strcmp(placement, "different") && count < 2)
		return ipc_refuse(err, IPC_UNSUPPORTED, "placement",
				  "different needs two CPUs, this process may "
				  "use one; same works");
	cpu[PM_PRODUCER] = cpu[PM_CONSUMER] = (int)cpus[0];
	if (count > 1 && strcmp(placement, "same"))
		cpu[PM_CONSUMER] = (int)cpus[1];
	return IPC_OK;
}
