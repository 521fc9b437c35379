/* A set, "kind=named mode=message": applied, or refused with a reason. */
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct ipc_err err = { .rc = IPC_OK };
	struct pm_cell cell;

	pm_cell_init(&cell);
	REQUIRE(!pm_cell_finish(&cell, NULL));
	if (pm_set_apply(text, "--b", &cell, &err))
		REQUIRE(err.rc == IPC_INVALID && err.what[0]);
	else
		fuzz_check_cell(&cell);
	free(text);
	return 0;
}
