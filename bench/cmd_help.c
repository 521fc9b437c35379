/* pipemark help: commands, knobs by group, one knob at length. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/knob.h"
#include "bench/list.h"
#include "bench/run_args.h"
#include "bench/suggest.h"
#include "bench/text.h"

enum { INDENT = 12, KNOB_INDENT = 27 };

static void print_commands(unsigned width)
{
	printf("usage: pipemark COMMAND [ARGUMENT]...\n\n"
	       "Measure pipes: producer and consumer programs, real pipes, whole "
	       "distributions.\n\n");
	for (const struct pm_command *c = pm_commands; c->name; c++)
		pm_text_row(stdout, width, INDENT, c->name, c->summary);
	printf("\npipemark COMMAND --help says more. To begin:\n"
	       "  pipemark run quick\n"
	       "  pipemark run --kind anonymous,named --message 64,4K,64K\n"
	       "By hand, in two terminals: pipemark-consumer --help\n");
}

static void print_group(unsigned width, size_t first)
{
	char head[2 * PM_VALUE_MAX], placeholder[PM_VALUE_MAX];

	printf("\n%s\n", pm_knobs[first].group);
	for (size_t i = first; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		if (strcmp(k->group, pm_knobs[first].group))
			continue;
		snprintf(head, sizeof(head), "--%s %s", k->name,
			 pm_knob_placeholder(k, placeholder));
		pm_text_row(stdout, width, KNOB_INDENT, head, k->help);
	}
}

static void print_knobs(unsigned width)
{
	printf("Knobs, for the command line, matrix files and sets. Several "
	       "values, separated by\ncommas, mean every combination. Sizes: "
	       "64K = 65536. Times: ns us ms s min h.\n");
	for (size_t i = 0; i < pm_knob_count; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= !strcmp(pm_knobs[j].group, pm_knobs[i].group);
		if (!seen)
			print_group(width, i);
	}
	printf("\npipemark help NAME for one of them, with its range and "
	       "default.\n");
}

static void print_knob(const struct knob *k)
{
	char placeholder[PM_VALUE_MAX], range[PM_VALUE_MAX], def[PM_VALUE_MAX];

	printf("--%s %s\n\n", k->name, pm_knob_placeholder(k, placeholder));
	pm_text_wrap(stdout, pm_text_width(stdout), 0, 0, k->help);
	printf("\nvalues:  %s\ndefault: %s%s\n", pm_knob_range(k, range),
	       pm_knob_default(k, def), pm_knob_where(k));
}

static int complain(const char *topic)
{
	struct pm_suggest s;

	pm_suggest_start(&s, topic);
	pm_suggest_offer(&s, "knobs");
	for (const struct pm_command *c = pm_commands; c->name; c++)
		pm_suggest_offer(&s, c->name);
	for (size_t i = 0; i < pm_knob_count; i++)
		pm_suggest_offer(&s, pm_knobs[i].name);
	fprintf(stderr, "pipemark help: nothing is known of %.60s", topic);
	if (pm_suggest_best(&s))
		fprintf(stderr, "; did you mean %s?\n", pm_suggest_best(&s));
	else
		fprintf(stderr, "; pipemark help lists the commands\n");
	return PM_STATUS_REQUEST;
}

static int help_on(const char *topic)
{
	const struct pm_command *c = pm_commands;

	while (c->name && strcmp(c->name, topic))
		c++;
	if (!strcmp(topic, "run")) {
		fputs(pm_run_usage, stdout);
	} else if (!strcmp(topic, "stress")) {
		fputs(pm_stress_usage, stdout);
	} else if (!strcmp(topic, "list")) {
		printf("usage: pipemark list [WHAT] [--json]\n\n");
		for (const struct pm_list *l = pm_lists; l->name; l++)
			pm_text_row(stdout, pm_text_width(stdout), INDENT + 4,
				    l->name, l->summary);
	} else if (!strcmp(topic, "knobs")) {
		print_knobs(pm_text_width(stdout));
	} else if (c->name) {
		printf("%s: %s\n", c->name, c->summary);
		if (c->python)
			printf("pipemark %s --help says more (needs Python).\n",
			       c->name);
	} else if (pm_knob_find(topic)) {
		print_knob(pm_knob_find(topic));
	} else {
		return complain(topic);
	}
	return PM_STATUS_OK;
}

int pm_cmd_help(int argc, char **argv)
{
	if (argc < 2) {
		print_commands(pm_text_width(stdout));
		return PM_STATUS_OK;
	}
	return help_on(!strncmp(argv[1], "--", 2) ? argv[1] + 2 : argv[1]);
}
