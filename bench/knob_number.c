#include <string.h>

#include "bench/knob.h"

bool pm_knob_number(const struct knob *knob, const struct pm_config *config,
		    uint64_t *out)
{
	char buf[PM_VALUE_MAX];
	uint64_t value, words = 0;

	if (knob->type != KNOB_U64)
		return false;
	memcpy(&value, (const char *)config + knob->offset, sizeof(value));
	while (pm_knob_choice(knob, words, buf))
		words++;
	if (value > UINT64_MAX - words) /* IPC_WORD(0) is UINT64_MAX */
		return false;
	*out = value;
	return true;
}
