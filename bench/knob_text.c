/* Rows of the knob table, in words. */
#include <stdio.h>
#include <string.h>

#include "bench/knob.h"

static const char *number_name(enum knob_unit unit)
{
	switch (unit) {
	case UNIT_BYTES:
		return "SIZE";
	case UNIT_NS:
		return "TIME";
	case UNIT_PER_SECOND:
		return "RATE";
	case UNIT_NONE:
	case UNIT_COUNT:
		break;
	}
	return "N";
}

/* The choices or words of a row, with something in front of each. */
static void add_choices(const struct knob *knob, const char *first,
			const char *further, char buf[PM_VALUE_MAX])
{
	char word[PM_VALUE_MAX];
	size_t used = strlen(buf);

	for (size_t k = 0; pm_knob_choice(knob, k, word) &&
			   used < PM_VALUE_MAX; k++)
		used += (size_t)snprintf(buf + used, PM_VALUE_MAX - used,
					 "%s%.40s", k ? further : first, word);
}

const char *pm_knob_placeholder(const struct knob *knob,
				char buf[PM_VALUE_MAX])
{
	switch (knob->type) {
	case KNOB_U64:
		snprintf(buf, PM_VALUE_MAX, "%s", number_name(knob->unit));
		add_choices(knob, "|", "|", buf);
		break;
	case KNOB_BOOL:
		snprintf(buf, PM_VALUE_MAX, "yes|no");
		break;
	case KNOB_ENUM:
		buf[0] = '\0';
		add_choices(knob, "", "|", buf);
		break;
	case KNOB_TEXT:
		snprintf(buf, PM_VALUE_MAX, "%s",
			 pm_domain_placeholder(knob->domain));
		break;
	}
	return buf;
}

const char *pm_knob_range(const struct knob *knob, char buf[PM_VALUE_MAX])
{
	char min[PM_VALUE_MAX], max[PM_VALUE_MAX];

	switch (knob->type) {
	case KNOB_U64:
		snprintf(buf, PM_VALUE_MAX, "%.40s to %.40s",
			 pm_print_u64(knob->min, knob->unit, min),
			 pm_print_u64(knob->max, knob->unit, max));
		add_choices(knob, ", or ", ", ", buf);
		break;
	case KNOB_BOOL:
		snprintf(buf, PM_VALUE_MAX, "yes, no");
		break;
	case KNOB_ENUM:
		buf[0] = '\0';
		add_choices(knob, "", ", ", buf);
		break;
	case KNOB_TEXT:
		snprintf(buf, PM_VALUE_MAX, "%s", pm_domain_text(knob->domain));
		break;
	}
	return buf;
}

const char *pm_knob_default(const struct knob *knob, char buf[PM_VALUE_MAX])
{
	const struct knob *followed = pm_knob_followed(knob);

	snprintf(buf, PM_VALUE_MAX, "%s%s", followed ? "as " : "",
		 followed ? followed->name : knob->def);
	return buf;
}

const char *pm_knob_where(const struct knob *knob)
{
	switch (knob->hosts) {
	case ON_LINUX:
		return " (Linux only)";
	case ON_WINDOWS:
		return " (Windows only)";
	default:
		return "";
	}
}
