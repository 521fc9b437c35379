/* pipemark help: commands, knobs by group, one knob at length. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd.h"
#include "bench/knob.h"
#include "bench/list.h"
#include "bench/matrix.h"
#include "bench/metric.h"
#include "bench/suggest.h"
#include "bench/text.h"
#include "ipc/registry.h"

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

	printf("%s\n", pm_knobs[first].group);
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
		if (seen)
			continue;
		printf("\n");
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

/* "pipe", or "Pipe": the knobs of a group. */
static bool print_group_called(const char *name)
{
	for (size_t i = 0; i < pm_knob_count; i++) {
		const char *group = pm_knobs[i].group;

		if ((group[0] | 32) == (name[0] | 32) &&
		    !strcmp(group + 1, name + 1)) {
			print_group(pm_text_width(stdout), i);
			return true;
		}
	}
	return false;
}

/* Prose, for what is no row of a table. */
static const struct page {
	const char *name, *text;
} pages[] = {
	{ "matrix",
	  "A matrix file lists values; every combination of them is a cell.\n"
	  "\n"
	  "  # a comment\n"
	  "  time = 200ms                  for every section below\n"
	  "  [kinds]                       a family of cells, with values of its own\n"
	  "  transport = pipe, packet      what differs, with commas between\n"
	  "  message = 64, 4K, 64K\n"
	  "  skip = transport:packet message:64K    leave out this corner\n"
	  "\n"
	  "A section has the lines before the first section too; its own replace\n"
	  "them. In a skip line a space is \"and\", several lines are \"or\". What the\n"
	  "command line says of a knob replaces what the file says. Cells that come\n"
	  "twice are measured once. pipemark list presets shows the matrices inside\n"
	  "the program, pipemark run FILE --explain what a file would do.\n" },
	{ "units",
	  "Sizes: 64, 64K, 1M, 1G; K = 1024 bytes. Counts and rates: 100, 10K,\n"
	  "1M; K = 1000. Times: 500ns, 10us, 200ms, 5s, 2min, 1h; a unit is needed,\n"
	  "but for 0. 1.5M is fine where it is a whole number. CPUs: 0:1 is the\n"
	  "producer's and the consumer's. In results MB/s is 10^6 bytes a second.\n" },
	{ "exit",
	  "Exit status of every command:\n"
	  "    0  done, nothing bad found; at least one cell measured\n"
	  "    1  found what it looks for: a regression, a loss, a leak\n"
	  "    2  the request or a file was wrong; nothing was started\n"
	  "    3  cannot be done or proven here\n"
	  "    4  measuring failed in part; the rest is kept\n"
	  "  130  interrupted; the file is kept\n"
	  "If several apply: 1 before 4 before 3.\n" },
	{ NULL, NULL }
};

static bool print_page(const char *name)
{
	const struct page *page = pages;

	while (page->name && strcmp(page->name, name))
		page++;
	if (page->name)
		fputs(page->text, stdout);
	return page->name;
}

/* One row of what pipemark list lists. */
static bool print_listed(const char *name)
{
	const struct ipc_named_transport *t = ipc_find_transport(name);
	const struct ipc_named_engine *e = ipc_find_engine(name);
	const struct pm_preset *preset = pm_preset_find(name);
	int metric = pm_metric_find(name);

	if (t)
		printf("%s, a transport: %s%s\n", name,
		       t->it ? t->it->summary : "exists on ",
		       t->it ? "" : t->os);
	else if (e)
		printf("%s, an I/O style: %s%s\n", name,
		       e->it ? e->it->summary : "exists on ",
		       e->it ? "" : e->os);
	else if (metric >= 0)
		printf("%s, a metric: %s\nunit: %s; better: %s\n", name,
		       pm_metrics[metric].help, pm_metrics[metric].unit,
		       pm_metrics[metric].better);
	else if (preset)
		printf("pipemark run %s\n\n%s", name, preset->text);
	return t || e || metric >= 0 || preset;
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
	for (size_t i = 0; ipc_transports[i].name; i++)
		pm_suggest_offer(&s, ipc_transports[i].name);
	for (size_t i = 0; i < pm_metric_count; i++)
		pm_suggest_offer(&s, pm_metrics[i].name);
	fprintf(stderr, "pipemark help: nothing is known of %.60s", topic);
	if (pm_suggest_best(&s))
		fprintf(stderr, "; did you mean %s?\n", pm_suggest_best(&s));
	else
		fprintf(stderr, "; pipemark help lists the commands\n");
	return PM_STATUS_REQUEST;
}

static void print_command(const struct pm_command *c)
{
	if (c->usage) {
		fputs(c->usage, stdout);
	} else if (!strcmp(c->name, "list")) {
		printf("usage: pipemark list [WHAT] [--json]\n"
		       "       pipemark list knobs --markdown\n\n");
		for (const struct pm_list *l = pm_lists; l->name; l++)
			pm_text_row(stdout, pm_text_width(stdout), INDENT + 4,
				    l->name, l->summary);
		pm_text_row(stdout, pm_text_width(stdout), INDENT + 4, "live",
			    pm_list_live_summary);
	} else if (!strcmp(c->name, "help")) {
		printf("usage: pipemark help [TOPIC]\n\n"
		       "TOPIC is a command, knobs, a group of knobs, matrix, "
		       "units, exit, or the name\nof a knob, transport, "
		       "engine, metric or preset.\n");
	} else {
		printf("%s: %s\n", c->name, c->summary);
		if (c->python)
			printf("pipemark %s --help says more (needs Python).\n",
			       c->name);
	}
}

static int help_on(const char *topic)
{
	const struct pm_command *c = pm_commands;

	while (c->name && strcmp(c->name, topic))
		c++;
	if (c->name)
		print_command(c);
	else if (!strcmp(topic, "knobs"))
		print_knobs(pm_text_width(stdout));
	else if (pm_knob_find(topic))
		print_knob(pm_knob_find(topic));
	else if (!print_page(topic) && !print_listed(topic) &&
		 !print_group_called(topic))
		return complain(topic);
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
