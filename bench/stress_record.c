#include "bench/stress_record.h"

#include <inttypes.h>

#include "bench/text.h"

struct column {
	const char *name;
	size_t      offset;
};
#define AT(field) offsetof(struct pm_stress_found, field)
static const struct column columns[] = {
	{ "ops", AT(ops) },
	{ "faults", AT(faults) },
	{ "recovered", AT(recovered) },
	{ "lost", AT(lost) },
	{ "repeated", AT(repeated) },
	{ "reordered", AT(reordered) },
	{ "corrupt", AT(corrupt) },
	{ "hangs", AT(hangs) },
	{ "leaks", AT(leaks) },
	{ "broken", AT(broken) },
	{ NULL, 0 }
};

static uint64_t value(const struct pm_stress *s, const struct column *c)
{
	return *(const uint64_t *)((const char *)&s->found + c->offset);
}

static const char *command(const struct pm_stress *s, char buf[128])
{
	int used = snprintf(buf, 128, "pipemark stress --only %s --seed %"
			    PRIu64, s->it->name, s->seed);

	if (s->why[0])
		snprintf(buf + used, 128 - (size_t)used, " --round %" PRIu64,
			 s->why_round);
	return buf;
}

void pm_record_stress(struct pm_json *j, const struct pm_stress *s)
{
	bool skipped = s->skip.rc != IPC_OK;
	char text[512];

	pm_json_open(j, NULL, '{');
	pm_json_str(j, "t", "stress");
	pm_json_str(j, "name", s->it->name);
	pm_json_str(j, "verdict", pm_verdict_names[pm_stress_verdict(s)]);
	pm_json_str(j, "why", skipped   ? ipc_err_text(&s->skip, text,
						       sizeof(text))
			      : s->why[0] ? s->why : NULL);
	pm_json_u64(j, "rounds", s->rounds);
	pm_json_u64(j, "took_ns", s->used_ns);
	pm_json_str(j, "op", s->it->op);
	pm_json_str(j, "fault", s->it->fault);
	pm_json_u64(j, "least_ops", s->it->least_ops);
	pm_json_u64(j, "least_faults", s->it->least_faults);
	for (const struct column *c = columns; c->name; c++)
		pm_json_u64(j, c->name, value(s, c));
	pm_json_u64(j, "seed", s->seed);
	pm_json_str(j, "repeat", command(s, text));
	pm_json_close(j, '}');
	pm_json_newline(j);
}

static void print_bad(FILE *out, const struct pm_stress *s)
{
	for (const struct column *c = columns + 3; c->name; c++)
		if (value(s, c))
			fprintf(out, " %" PRIu64 " %s", value(s, c), c->name);
}

static void print_why(FILE *out, const struct pm_stress *s)
{
	enum pm_verdict v = pm_stress_verdict(s);
	char text[512];

	if (v == PM_SKIPPED)
		fprintf(out, "    %s\n", ipc_err_text(&s->skip, text,
						      sizeof(text)));
	if (v == PM_TOO_FEW)
		fprintf(out, "    at least %" PRIu64 " %s and %" PRIu64 " %s "
			"were wanted\n", s->it->least_ops, s->it->op,
			s->it->least_faults, s->it->fault);
	if (v == PM_FAILED)
		fprintf(out, "    %s\n    again: %s\n",
			s->why[0] ? s->why : "see the counts",
			command(s, text));
}

void pm_stress_table(FILE *out, const struct pm_stress *list, size_t count)
{
	fprintf(out, "%-16s %-8s %7s %12s %8s %10s  %s\n", "stressor",
		"verdict", "rounds", "operations", "faults", "recovered",
		"found");
	for (size_t i = 0; i < count; i++) {
		const struct pm_stress *s = &list[i];

		fprintf(out, "%-16s %-8s %7" PRIu64 " %12" PRIu64 " %8" PRIu64
			" %10" PRIu64 " ", s->it->name,
			pm_verdict_names[pm_stress_verdict(s)], s->rounds,
			s->found.ops, s->found.faults, s->found.recovered);
		print_bad(out, s);
		fputc('\n', out);
		print_why(out, s);
	}
}
