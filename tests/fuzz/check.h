#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H
/* What holds of every cell that was accepted, whatever it was made from. */
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/matrix.h"
#include "bench/resolve.h"

#define REQUIRE(condition)               \
	do {                             \
		if (!(condition))        \
			abort();         \
	} while (0)

/* The input as a string; what follows a zero byte is not part of it. */
static inline char *fuzz_text(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1);

	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* What it is called makes it again. */
static inline void fuzz_check_id(const struct pm_cell *cell)
{
	struct pm_cell again;

	pm_cell_init(&again);
	REQUIRE(!pm_set_apply(cell->id, "id", &again, NULL));
	REQUIRE(!strcmp(again.id, cell->id));
	REQUIRE(pm_config_digest(&again.config) ==
		pm_config_digest(&cell->config));
}

/* So do the arguments that a child gets. */
static inline void fuzz_check_arguments(const struct pm_cell *cell)
{
	const char *argv[2 * PM_KNOB_MAX], *value;
	char arena[16384];
	struct pm_cell again;
	size_t argc = 0;

	REQUIRE(!pm_config_to_args(&cell->config, argv, 2 * PM_KNOB_MAX, &argc,
				   arena, sizeof(arena)));
	pm_cell_init(&again);
	for (int i = 0; i < (int)argc; i++) {
		const struct knob *k = pm_knob_option((int)argc, (char **)argv,
						      &i, &value);

		REQUIRE(k && value);
		REQUIRE(!pm_cell_set(&again, k->name, value, "child", NULL));
	}
	REQUIRE(!pm_cell_finish(&again, NULL));
	REQUIRE(!strcmp(again.id, cell->id));
	REQUIRE(again.config.io.size == cell->config.io.size);
	REQUIRE(pm_config_digest(&again.config) ==
		pm_config_digest(&cell->config));
}

static inline void fuzz_check_cell(const struct pm_cell *cell)
{
	struct ipc_err err = { .rc = IPC_OK };
	struct ipc_pairing pairing;

	if (pm_resolve(cell, &pairing, &err))
		REQUIRE(err.rc < 0 && err.what[0]);
	if (cell->refused.rc)
		return;
	fuzz_check_id(cell);
	fuzz_check_arguments(cell);
}

#endif
