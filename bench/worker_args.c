/* The arguments of pipemark-producer and pipemark-consumer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/suggest.h"
#include "bench/worker.h"

static const char usage[] =
"usage: pipemark-%s --link LINK [--KNOB VALUE]...\n"
"\n"
"One end of a pipe, started by hand. Start the other end with the same\n"
"message, reply, workload, mode and verify; whichever comes first waits.\n"
"\n"
"  --link NAME      a named pipe; the server makes it, the client opens it\n"
"  --link -         the standard handles, as in: producer | consumer\n"
"  --peer foreign   the other side is no pipemark: no hello, no closing\n"
"                   message; the end of the stream ends it\n"
"  -o FILE          write what was measured to FILE as well\n"
"  --cpu N          run on this CPU\n"
"  --seed N         of the random gaps of arrival=poisson\n"
"  --help, --version\n"
"\n"
"Knobs: pipemark help knobs\n";

/* Options that are no knobs; the rest of the command line are knobs. */
static const char *const own_options[] = {
	"control", "link", "links", "clock", "out", "token", "cpu", "peer",
	"seed", "inject-delay", "stress", NULL
};

static enum ipc_rc set_number(const char *name, const char *text, int base,
			      uint64_t *out, struct ipc_err *err)
{
	char *end;

	*out = strtoull(text, &end, base);
	if (!*text || *end)
		return ipc_refusef(err, IPC_INVALID, "arguments",
				   "--%s %s is no number", name, text);
	return IPC_OK;
}

/* Which of the trial's clients this process has: the first, and how many. */
static enum ipc_rc set_links(struct pm_worker *w, const char *text)
{
	char extra;

	if (sscanf(text, "%u:%u%c", &w->first, &w->links, &extra) == 2 &&
	    w->links && w->links <= 10000)
		return IPC_OK;
	return ipc_refusef(&w->err, IPC_INVALID, "arguments",
			   "--links %s: write FIRST:COUNT", text);
}

static enum ipc_rc set_own(struct pm_worker *w, const char *name,
			   const char *value, bool *known)
{
	uint64_t number;

	*known = true;
	if (!strcmp(name, "control")) {
		w->control = value;
	} else if (!strcmp(name, "link")) {
		w->link_spec = value;
	} else if (!strcmp(name, "links")) {
		return set_links(w, value);
	} else if (!strcmp(name, "clock")) {
		w->clock_text = value;
	} else if (!strcmp(name, "out")) {
		w->out_path = value;
	} else if (!strcmp(name, "token")) {
		return set_number(name, value, 16, &w->token, &w->err);
	} else if (!strcmp(name, "seed")) {
		return set_number(name, value, 10, &w->seed, &w->err);
	} else if (!strcmp(name, "cpu")) {
		if (set_number(name, value, 10, &number, &w->err))
			return w->err.rc;
		w->cpu = (int)number;
	} else if (!strcmp(name, "inject-delay")) {
		return pm_parse_u64(value, UNIT_NS, &w->delay_ns, &w->err);
	} else if (!strcmp(name, "stress")) {
		w->stress = value;
	} else if (!strcmp(name, "peer")) {
		w->foreign = !strcmp(value, "foreign");
		if (!w->foreign && strcmp(value, "own"))
			return ipc_refusef(&w->err, IPC_INVALID, "arguments",
					   "--peer %s: write own or foreign",
					   value);
	} else {
		*known = false;
	}
	return IPC_OK;
}

static enum ipc_rc unknown(struct pm_worker *w, const char *name)
{
	struct pm_suggest s;
	const char *best;

	pm_suggest_start(&s, name);
	for (size_t i = 0; i < pm_knob_count; i++)
		pm_suggest_offer(&s, pm_knobs[i].name);
	for (size_t i = 0; own_options[i]; i++)
		pm_suggest_offer(&s, own_options[i]);
	best = pm_suggest_best(&s);
	if (best)
		return ipc_refusef(&w->err, IPC_INVALID, "arguments",
				   "unknown option --%s; did you mean --%s?",
				   name, best);
	return ipc_refusef(&w->err, IPC_INVALID, "arguments",
			   "unknown option --%s; pipemark help knobs lists them",
			   name);
}

static enum ipc_rc set_one(struct pm_worker *w, const char *name,
			   const char *value)
{
	bool known;
	enum ipc_rc rc = set_own(w, name, value, &known);

	return rc || known ? rc : unknown(w, name);
}

static enum ipc_rc set_knob(struct pm_worker *w, const struct knob *knob,
			    const char *value)
{
	if (!value)
		return ipc_refusef(&w->err, IPC_INVALID, "arguments",
				   "--%s needs a value", knob->name);
	if (!strcmp(knob->name, "time") || !strcmp(knob->name, "count"))
		w->has_time = true;
	return pm_cell_set(&w->cell, knob->name, value, "command line",
			   &w->err);
}

static enum ipc_rc parse(struct pm_worker *w, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *arg = !strcmp(argv[i], "-o") ? "--out" : argv[i];
		const char *equals = strchr(arg, '='), *value;
		const struct knob *knob;
		char name[64];

		knob = pm_knob_option(argc, argv, &i, &value);
		if (knob && set_knob(w, knob, value))
			return w->err.rc;
		if (knob)
			continue;
		if (strncmp(arg, "--", 2) || !arg[2])
			return ipc_refusef(&w->err, IPC_INVALID, "arguments",
					   "%s is no option; write --link LINK "
					   "and --KNOB VALUE", arg);
		snprintf(name, sizeof(name), "%.*s",
			 equals ? (int)(equals - arg - 2) : (int)sizeof(name) - 1,
			 arg + 2);
		if (!equals && ++i == argc)
			return ipc_refusef(&w->err, IPC_INVALID, "arguments",
					   "--%s needs a value", name);
		if (set_one(w, name, equals ? equals + 1 : argv[i]))
			return w->err.rc;
	}
	return IPC_OK;
}

/* By hand a name means a named pipe, and the warm-up is the user's affair. */
static void by_hand_defaults(struct pm_worker *w)
{
	struct pm_config *c = &w->cell.config;
	struct pm_cell fresh;

	pm_cell_init(&fresh);
	if (w->link_spec && strcmp(w->link_spec, "-") &&
	    strncmp(w->link_spec, "handles:", 8) &&
	    c->io.kind == fresh.config.io.kind &&
	    !strcmp(c->io.transport, "auto"))
		c->io.kind = IPC_KIND_NAMED;
}

int pm_worker_args(struct pm_worker *w, int argc, char **argv)
{
	char text[512];

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			printf(usage, pm_end_names[w->role]);
			return 0;
		}
		if (!strcmp(argv[i], "--version")) {
			puts("pipemark-" PM_VERSION);
			return 0;
		}
	}
	pm_cell_init(&w->cell);
	w->cpu = -1;
	w->links = 1;
	w->seed = 1;
	if (!parse(w, argc, argv)) {
		if (!w->control && w->role == PM_CONSUMER)
			w->links = (unsigned)w->cell.config.io.clients;
		if (!w->control)
			by_hand_defaults(w);
		w->null = !strcmp(w->cell.config.io.io, "null");
		if (!w->link_spec && !w->null)
			ipc_refuse(&w->err, IPC_INVALID, "arguments",
				   "--link is missing: a name, or - for the "
				   "standard handles");
		else if (!pm_cell_finish(&w->cell, &w->err))
			return PM_ARGS_GO;
	}
	fprintf(stderr, "pipemark-%s: %s\n", pm_end_names[w->role],
		ipc_err_text(&w->err, text, sizeof(text)));
	return 2;
}
