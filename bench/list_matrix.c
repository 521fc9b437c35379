/* list matrix: what this machine can do with what the user can ask for. */
#include <string.h>

#include "bench/knob.h"
#include "bench/list.h"
#include "bench/resolve.h"
#include "bench/text.h"

/* Small enough for every transport; larger ones may be refused for it. */
#define MESSAGE "64"

enum { REASONS_MAX = 64, KINDS = 2, MODES = 2, WORKLOADS = 3 };

static const char *const kinds[] = { "anonymous", "named" };
static const char *const modes[] = { "byte", "message" };
static const char *const workloads[] = { "pingpong", "stream", "connect" };

struct answer {
	struct ipc_pairing pairing;
	struct ipc_err     err; /* .rc is IPC_OK if it works */
};

/* The n-th I/O style: every engine, and overlapped, whatever stands for it. */
static const char *style(size_t n)
{
	bool own = false; /* an engine is called overlapped */
	size_t i = 0;

	for (; ipc_engines[i].name; i++) {
		if (i == n)
			return ipc_engines[i].name;
		own |= !strcmp(ipc_engines[i].name, "overlapped");
	}
	return i == n && !own ? "overlapped" : NULL;
}

static void ask(const char *kind, const char *mode, const char *io,
		const char *workload, struct answer *a)
{
	static const char origin[] = "list matrix";
	struct pm_cell cell;

	a->err = (struct ipc_err){ .rc = IPC_OK };
	pm_cell_init(&cell);
	if (!pm_cell_set(&cell, "kind", kind, origin, &a->err) &&
	    !pm_cell_set(&cell, "mode", mode, origin, &a->err) &&
	    !pm_cell_set(&cell, "io", io, origin, &a->err) &&
	    !pm_cell_set(&cell, "message", MESSAGE, origin, &a->err) &&
	    !pm_cell_set(&cell, "workload", workload, origin, &a->err) &&
	    !pm_cell_finish(&cell, &a->err))
		pm_resolve(&cell, &a->pairing, &a->err);
}

struct reasons {
	char   text[REASONS_MAX][2 * IPC_NAME_MAX];
	size_t count;
};

/* The number of a reason, from 1; a new one is added. */
static size_t number_of(struct reasons *r, const struct ipc_err *err)
{
	char text[2 * IPC_NAME_MAX];
	size_t i = 0;

	ipc_err_text(err, text, sizeof(text));
	while (i < r->count && strcmp(r->text[i], text))
		i++;
	if (i == r->count && r->count < REASONS_MAX)
		memcpy(r->text[r->count++], text, sizeof(text));
	return i + 1;
}

static const char *became(const struct answer *a)
{
	return a->pairing.transport ? a->pairing.transport->name
				    : "(no pipe)";
}

static void text_row(FILE *out, const char *kind, const char *mode,
		     const char *io, struct reasons *reasons)
{
	struct answer a;
	char cell[WORKLOADS][64];

	for (size_t w = 0; w < WORKLOADS; w++) {
		ask(kind, mode, io, workloads[w], &a);
		if (a.err.rc)
			snprintf(cell[w], sizeof(cell[w]), "- [%zu]",
				 number_of(reasons, &a.err));
		else
			snprintf(cell[w], sizeof(cell[w]), "%s", became(&a));
	}
	fprintf(out, "  %-10s %-8s %-11s %-16s %-16s %s\n", kind, mode, io,
		cell[0], cell[1], cell[2]);
}

void pm_list_matrix_text(FILE *out, unsigned width)
{
	static struct reasons reasons;
	char number[32];

	reasons.count = 0;
	fprintf(out, "  %-10s %-8s %-11s %-16s %-16s %s\n", "kind", "mode", "io",
		workloads[0], workloads[1], workloads[2]);
	for (size_t k = 0; k < KINDS; k++)
		for (size_t m = 0; m < MODES; m++)
			for (size_t s = 0; style(s); s++)
				text_row(out, kinds[k], modes[m], style(s),
					 &reasons);
	fprintf(out, "\n");
	for (size_t i = 0; i < reasons.count; i++) {
		snprintf(number, sizeof(number), "[%zu]", i + 1);
		pm_text_row(out, width, 7, number, reasons.text[i]);
	}
	fprintf(out, "%sAsked with messages of " MESSAGE " bytes on %s; what "
		"else it takes: pipemark run --explain.\n",
		reasons.count ? "\n" : "", ipc_host_name());
}

static void answer_json(struct pm_json *j, const char *kind, const char *mode,
			const char *io, const char *workload)
{
	struct answer a;

	ask(kind, mode, io, workload, &a);
	pm_json_open(j, NULL, '{');
	pm_json_str(j, "kind", kind);
	pm_json_str(j, "mode", mode);
	pm_json_str(j, "io", io);
	pm_json_str(j, "workload", workload);
	if (a.err.rc) {
		pm_json_open(j, "skip", '{');
		pm_json_str(j, "class", ipc_rc_name(a.err.rc));
		pm_json_str(j, "reason", a.err.what);
		pm_json_close(j, '}');
	} else {
		pm_json_null(j, "skip");
		pm_json_open(j, "became", '{');
		pm_json_str(j, "transport", a.pairing.transport
					    ? a.pairing.transport->name : NULL);
		pm_json_str(j, "producer", a.pairing.producer->name);
		pm_json_str(j, "consumer", a.pairing.consumer->name);
		pm_json_close(j, '}');
	}
	pm_json_close(j, '}');
}

void pm_list_matrix_json(struct pm_json *j, const char *name)
{
	pm_json_open(j, name, '[');
	for (size_t k = 0; k < KINDS; k++)
		for (size_t m = 0; m < MODES; m++)
			for (size_t s = 0; style(s); s++)
				for (size_t w = 0; w < WORKLOADS; w++)
					answer_json(j, kinds[k], modes[m],
						    style(s), workloads[w]);
	pm_json_close(j, ']');
}
