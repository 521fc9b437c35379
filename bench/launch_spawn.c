/* How a trial's processes get their arguments and handles. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/flight.h"
#include "bench/knob.h"
#include "ipc/sys.h"

enum { ARGS_MAX = 2 * PM_KNOB_MAX + 28, ARENA_MAX = 16384 };

static const char *link_text(struct pm_flight *f, int end, char buf[64])
{
	const struct pm_config *c = &f->launch->cell->config;
	const struct ipc_link *link = &f->link[end];

	if (f->name[0])
		return f->name;
	if (c->io.hand_over == IPC_HAND_OVER_STD)
		return "-";
	snprintf(buf, 64, "handles:%lld,%lld", (long long)link->rd,
		 (long long)link->wr); /* -1: this end does not have it */
	return buf;
}

static size_t handles_of(const struct pm_flight *f, int end,
			 const ipc_handle control[2], ipc_handle out[4])
{
	const struct ipc_link *link = &f->link[end];
	size_t count = 2;

	out[0] = control[0];
	out[1] = control[1];
	if (f->launch->cell->config.io.hand_over == IPC_HAND_OVER_STD)
		return count;
	if (link->rd != IPC_NO_HANDLE)
		out[count++] = link->rd;
	if (link->wr != IPC_NO_HANDLE && link->wr != link->rd)
		out[count++] = link->wr;
	return count;
}

struct command {
	const char *argv[ARGS_MAX];
	size_t      argc;
	char        arena[ARENA_MAX];
	char        path[1024], control[64], token[32], cpu[16], link[64];
	char        delay[32], seed[32], links[32], clock[IPC_CLOCK_TEXT_MAX];
};

static void add_option(struct command *c, const char *name, const char *value)
{
	c->argv[c->argc++] = name;
	c->argv[c->argc++] = value;
}

static enum ipc_rc make_command(struct pm_flight *f, const struct pm_side *side,
				const ipc_handle control[2], struct command *c)
{
	const struct pm_launch *l = f->launch;
	int end = side->end;

	c->argc = 0;
	snprintf(c->path, sizeof(c->path), "%s/pipemark-%s%s", l->folder,
		 pm_end_names[end],
		 strcmp(ipc_host_name(), "windows") ? "" : ".exe");
	c->argv[c->argc++] = c->path;
	snprintf(c->control, sizeof(c->control), "%lld,%lld",
		 (long long)control[0], (long long)control[1]);
	add_option(c, "--control", c->control);
	if (l->pairing->transport)
		add_option(c, "--link", link_text(f, end, c->link));
	add_option(c, "--clock", ipc_clock_print(l->clock, c->clock));
	snprintf(c->token, sizeof(c->token), "%" PRIx64, l->token);
	add_option(c, "--token", c->token);
	if (f->launch->cell->config.io.clients > 1) {
		snprintf(c->links, sizeof(c->links), "%u:%u", side->first,
			 side->links);
		add_option(c, "--links", c->links);
	}
	snprintf(c->seed, sizeof(c->seed), "%" PRIu64, l->seed);
	add_option(c, "--seed", c->seed);
	if (f->cpu[end] >= 0) {
		snprintf(c->cpu, sizeof(c->cpu), "%d", f->cpu[end]);
		add_option(c, "--cpu", c->cpu);
	}
	if (l->stress[end])
		add_option(c, "--stress", l->stress[end]);
	if (l->delay_ns && end == PM_CONSUMER) {
		snprintf(c->delay, sizeof(c->delay), "%" PRIu64 "ns",
			 l->delay_ns);
		add_option(c, "--inject-delay", c->delay);
	}
	if (pm_config_to_args(&l->cell->config, c->argv, ARGS_MAX, &c->argc,
			      c->arena, sizeof(c->arena)))
		return ipc_refuse(&f->trial->err, IPC_INVALID, "arguments",
				  "too long");
	return IPC_OK;
}

static enum ipc_rc spawn_command(struct pm_flight *f, struct pm_side *side,
				 const ipc_handle control[2],
				 struct command *command, struct ipc_err *err)
{
	const struct pm_config *config = &f->launch->cell->config;
	struct ipc_spawn how = { .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE,
				 .prefix = f->launch->prefix };
	ipc_handle inherit[4];
	enum ipc_rc rc = make_command(f, side, control, command);

	if (rc) {
		*err = f->trial->err;
		return rc;
	}
	command->argv[command->argc] = NULL;
	how.path = command->path;
	how.argv = command->argv;
	how.inherit = inherit;
	how.inherit_count = handles_of(f, side->end, control, inherit);
	if (config->io.hand_over == IPC_HAND_OVER_STD) {
		how.std_in = f->link[side->end].rd;
		how.std_out = f->link[side->end].wr;
	}
	return ipc_spawn(&how, &side->proc, err);
}

/* On failure there is no such side. */
static enum ipc_rc spawn_side(struct pm_flight *f, int end, unsigned first,
			      unsigned links)
{
	struct pm_side *side = &f->side[f->count];
	struct command *command = malloc(sizeof(*command));
	ipc_handle control[2];
	struct ipc_err err;
	enum ipc_rc rc;

	*side = (struct pm_side){ .end = end, .first = first, .links = links };
	if (!command) {
		ipc_refuse(&err, IPC_NOMEM, "malloc", "arguments");
		pm_flight_fail(f, -1, &err);
		return IPC_NOMEM;
	}
	rc = ipc_channel_pair(&side->channel, control, &err);
	if (!rc) {
		rc = spawn_command(f, side, control, command, &err);
		ipc_handle_close(control[0]);
		ipc_handle_close(control[1]);
		if (rc)
			ipc_channel_close(&side->channel);
	}
	free(command);
	if (rc)
		pm_flight_fail(f, end, &err);
	else
		f->count++;
	return rc;
}

/* The null engine, and what the producer makes and closes by itself. */
static bool is_alone(const struct pm_flight *f)
{
	const struct ipc_transport *t = f->launch->pairing->transport;

	return !t || (t->pair && f->launch->cell->config.workload ==
					 PM_WORKLOAD_CONNECT);
}

/* An unnamed link is made here; a named one by the end that serves it. */
static enum ipc_rc make_link(struct pm_flight *f)
{
	const struct pm_launch *l = f->launch;
	const struct ipc_pairing *p = l->pairing;
	const struct pm_config *c = &l->cell->config;
	struct ipc_err err;
	enum ipc_rc rc;

	if (is_alone(f))
		return IPC_OK;
	if (p->transport->pair)
		rc = p->transport->pair(&c->io, p->consumer_needs,
					p->producer_needs,
					&f->link[PM_CONSUMER],
					&f->link[PM_PRODUCER], &err);
	else if (!strcmp(c->io.name, "random"))
		rc = ipc_name_new(f->name, sizeof(f->name), &err);
	else
		rc = (snprintf(f->name, sizeof(f->name), "%s", c->io.name),
		      IPC_OK);
	if (rc)
		pm_flight_fail(f, -1, &err);
	return rc;
}

/* The links are shared out evenly; the first have one more. */
static enum ipc_rc spawn_producers(struct pm_flight *f)
{
	unsigned links = (unsigned)f->launch->cell->config.io.clients;
	unsigned count = links < PM_PRODUCERS_MAX ? links : PM_PRODUCERS_MAX;
	enum ipc_rc rc = IPC_OK;

	for (unsigned i = 0, first = 0; i < count && !rc; i++) {
		unsigned own = links / count + (i < links % count);

		rc = spawn_side(f, PM_PRODUCER, first, own);
		first += own;
	}
	return rc;
}

enum ipc_rc pm_flight_start(struct pm_flight *f)
{
	const struct pm_config *config = &f->launch->cell->config;
	bool alone = is_alone(f);
	struct ipc_err err;
	enum ipc_rc rc;

	rc = pm_place(config->placement, f->cpu, &err);
	if (rc) {
		pm_flight_fail(f, -1, &err);
		return rc;
	}
	rc = make_link(f);
	if (!rc && !alone)
		rc = spawn_side(f, PM_CONSUMER, 0,
				(unsigned)config->io.clients);
	if (!rc)
		rc = spawn_producers(f);
	/* The children have theirs: end of stream needs ours gone. */
	ipc_link_close(&f->link[PM_CONSUMER]);
	ipc_link_close(&f->link[PM_PRODUCER]);
	return rc;
}
