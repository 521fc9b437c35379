/* A matrix file: its cells, or a refusal that names the line. */
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { CELLS_MOST = 12 };

/*
 * Matrices that are merely large take their time, and find nothing: at most
 * this many cells, if every list of values multiplies the others.
 */
static int is_small(const char *text)
{
	size_t cells = 1, values = 1;

	for (; *text; text++) {
		values += *text == ',';
		if (*text != '\n' && text[1])
			continue;
		cells *= values;
		values = 1;
		if (cells > CELLS_MOST)
			return 0;
	}
	return 1;
}

static void check_matrix(const struct pm_matrix *matrix)
{
	REQUIRE(matrix->count && matrix->count <= PM_CELLS_MAX);
	fuzz_check_cell(&matrix->cells[matrix->count - 1]);
	for (size_t i = 0; i < matrix->count; i++)
		for (size_t j = 0; j < i; j++)
			REQUIRE(strcmp(matrix->cells[i].id,
				       matrix->cells[j].id));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct pm_setting setting = { "workload", "stream,pingpong",
						   "command line" };
	char *text = fuzz_text(data, size);
	struct ipc_err err = { .rc = IPC_OK };
	struct pm_matrix matrix;

	if (!is_small(text)) {
		free(text);
		return 0;
	}
	/* With a setting of the command line, or without any. */
	if (pm_matrix_build("FILE", text, &setting, size % 2, &matrix, &err)) {
		REQUIRE(err.rc == IPC_INVALID && err.what[0]);
		REQUIRE(!matrix.count && !matrix.cells && !matrix.kept);
	} else {
		check_matrix(&matrix);
	}
	pm_matrix_free(&matrix);
	free(text);
	return 0;
}
