/* Whatever the file holds: it is read, or refused with a reason. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/past_records.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ipc_err err = { .rc = IPC_OK };
	struct pm_past past;
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
	enum ipc_rc rc;

	if (!file)
		return 0;
	rc = pm_past_read_stream(file, "FILE", &past, &err);
	if (rc && !err.what[0])
		abort();
	if (!rc && (past.whole_bytes > size || !past.plan.arms ||
		    past.line_cell_count < 2))
		abort();
	for (size_t i = 0; !rc && i < past.done_count; i++)
		if (past.done[i].cell >= past.plan.cell_count)
			abort();
	if (!rc)
		pm_past_free(&past);
	fclose(file);
	return 0;
}
