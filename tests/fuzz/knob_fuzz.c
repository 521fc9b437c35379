/* One text as a value of every knob, and as a number of every unit. */
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_value(const struct knob *knob, const char *text)
{
	static struct pm_config config, again;
	const struct pm_config before = config;
	struct ipc_err err = { .rc = IPC_OK };
	char printed[PM_VALUE_MAX], second[PM_VALUE_MAX];

	if (pm_knob_parse(knob, text, &config, &err)) {
		REQUIRE(err.rc == IPC_INVALID && err.what[0]);
		REQUIRE(!memcmp(&before, &config, sizeof(config)));
		return;
	}
	pm_knob_print(knob, &config, printed);
	REQUIRE(!pm_knob_parse(knob, printed, &again, NULL));
	REQUIRE(pm_knob_equal(knob, &config, &again));
	REQUIRE(!strcmp(pm_knob_print(knob, &again, second), printed));
}

static void check_number(const char *text, enum knob_unit unit)
{
	char printed[PM_VALUE_MAX];
	uint64_t value, again;

	if (pm_parse_u64(text, unit, &value, NULL))
		return;
	REQUIRE(value <= INT64_MAX);
	REQUIRE(!pm_parse_u64(pm_print_u64(value, unit, printed), unit, &again,
			      NULL));
	REQUIRE(value == again);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = fuzz_text(data, size);

	for (size_t i = 0; i < pm_knob_count; i++)
		check_value(&pm_knobs[i], text);
	for (int unit = UNIT_NONE; unit <= UNIT_PER_SECOND; unit++)
		check_number(text, (enum knob_unit)unit);
	free(text);
	return 0;
}
