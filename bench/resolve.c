#include "bench/resolve.h"

#include <string.h>

#include "bench/connect.h"
#include "bench/knob.h"
#include "bench/launch.h"
#include "bench/msg.h"

bool pm_word_in(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (list && *list) {
		size_t word = strcspn(list, " ");

		if (word == length && !memcmp(list, name, length))
			return true;
		list += word + (list[word] == ' ');
	}
	return false;
}

/* What it is obeyed by without saying so: the registry's own choices. */
#define ALWAYS "kind mode transport io producer-io consumer-io"

static bool obeyed(const struct knob *k, const struct ipc_pairing *p)
{
	if (k->by == BY_BENCH || pm_word_in(ALWAYS, k->name))
		return true;
	if (k->by == BY_TRANSPORT)
		return p->transport && pm_word_in(p->transport->knobs, k->name);
	return pm_word_in(p->producer->knobs, k->name) ||
	       pm_word_in(p->consumer->knobs, k->name);
}

static enum ipc_rc check_knobs(const struct pm_cell *cell,
			       const struct ipc_pairing *p, struct ipc_err *err)
{
	unsigned here = !strcmp(ipc_host_name(), "windows") ? ON_WINDOWS
							    : ON_LINUX;
	struct pm_cell fresh;

	pm_cell_init(&fresh);
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		if (pm_knob_followed(k) ? pm_knob_follows(k, &cell->config)
					: pm_knob_equal(k, &cell->config,
							&fresh.config))
			continue;
		if (k->hosts && !(k->hosts & here))
			return ipc_refusef(err, IPC_UNSUPPORTED, k->name,
					   "exists on %s only",
					   k->hosts == ON_WINDOWS ? "Windows"
								  : "Linux");
		if (!obeyed(k, p))
			return ipc_refusef(err, IPC_UNSUPPORTED, k->name,
					   "%s does not have it",
					   k->by == BY_ENGINE
						   ? p->producer->name
						   : p->transport
						   ? p->transport->name
						   : "null");
	}
	return IPC_OK;
}

static bool was_said(const struct pm_cell *cell, const char *name)
{
	return cell->origin[pm_knob_index(pm_knob_find(name))][0];
}

/*
 * A transport's name wins over what kind and mode are by default, and
 * contradicts what somebody said they are; only the cell knows who did.
 */
static enum ipc_rc check_said(const struct pm_cell *cell,
			      const struct ipc_pairing *p, struct ipc_err *err)
{
	const struct ipc_opts *io = &cell->config.io;

	if (!p->transport || !strcmp(io->transport, "auto"))
		return IPC_OK;
	if (io->kind == IPC_KIND_ANONYMOUS && !p->transport->pair &&
	    was_said(cell, "kind"))
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s goes by name, and kind is anonymous",
				   p->transport->name);
	if (io->mode == IPC_MODE_BYTE && p->message && was_said(cell, "mode"))
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s keeps messages apart, and mode is byte",
				   p->transport->name);
	return IPC_OK;
}

/* One server, many clients: what that is not made for. */
static enum ipc_rc check_clients(const struct pm_config *c, struct ipc_err *err)
{
	if (c->io.clients < 2)
		return IPC_OK;
	if (c->io.direction == IPC_DIRECTION_OUTBOUND)
		return ipc_refuse(err, IPC_UNSUPPORTED, "clients",
				  "several send to one server: direction "
				  "inbound, duplex or auto");
	if (c->workload == PM_WORKLOAD_PACED)
		return ipc_refuse(err, IPC_UNSUPPORTED, "clients",
				  "one rate is one client's: workload=stream "
				  "or pingpong");
	if (c->calls || c->trace)
		return ipc_refuse(err, IPC_UNSUPPORTED,
				  c->calls ? "calls" : "trace",
				  "looks at one client: clients=1");
	if (c->io.instances < c->io.clients &&
	    c->workload != PM_WORKLOAD_CONNECT)
		return ipc_refuse(err, IPC_UNSUPPORTED, "instances",
				  "fewer than clients, who all stay: "
				  "instances=clients, or workload=connect");
	return IPC_OK;
}

/* Combinations of one layer that the layer below cannot see. */
static enum ipc_rc check_workload(const struct pm_cell *cell, const int cpu[2],
				  struct ipc_err *err)
{
	const struct pm_config *c = &cell->config;
	bool pingpong = c->workload == PM_WORKLOAD_PINGPONG;
	bool polls = !strcmp(c->io.producer_io, "nowait") ||
		     !strcmp(c->io.consumer_io, "nowait");

	if (c->io.collect && pingpong)
		return ipc_refuse(err, IPC_UNSUPPORTED, "collect",
				  "a ping-pong has one message to gather; "
				  "workload=stream");
	if (c->io.exchange == IPC_EXCHANGE_TRANSACT && !pingpong)
		return ipc_refuse(err, IPC_UNSUPPORTED, "exchange",
				  "transact is for workload=pingpong");
	if (c->io.exchange == IPC_EXCHANGE_CALL &&
	    c->workload != PM_WORKLOAD_CONNECT)
		return ipc_refuse(err, IPC_UNSUPPORTED, "exchange",
				  "call connects for each message: "
				  "workload=connect");
	if (c->stamp < IPC_WORD(1) && !pingpong &&
	    c->message_min < sizeof(struct pm_msg))
		return ipc_refuse(err, IPC_UNSUPPORTED, "stamp",
				  "a stamp needs messages of 16 bytes");
	if (polls && c->io.poll == IPC_POLL_SPIN && cpu[0] >= 0 &&
	    cpu[0] == cpu[1])
		return ipc_refuse(err, IPC_UNSUPPORTED, "poll",
				  "two programs that spin on one CPU take turns "
				  "of milliseconds; poll=yield, or "
				  "placement=different");
	return IPC_OK;
}

/* A consumer that throws away what it receives, unseen. */
static enum ipc_rc check_opaque(const struct pm_config *c,
				const struct ipc_pairing *p,
				struct ipc_err *err)
{
	const char *name = p->consumer->name;

	if (c->workload == PM_WORKLOAD_PINGPONG && c->verify &&
	    p->producer && p->producer->gives & IPC_CAP_OPAQUE)
		return ipc_refusef(err, IPC_UNSUPPORTED, "verify",
				   "%s throws away the replies, unseen: "
				   "workload=stream, or producer-io=blocking",
				   p->producer->name);
	if (!(p->consumer->gives & IPC_CAP_OPAQUE))
		return IPC_OK;
	if (c->workload != PM_WORKLOAD_STREAM)
		return ipc_refusef(err, IPC_UNSUPPORTED, "consumer-io",
				   "%s throws away what it receives, unseen: "
				   "workload=stream", name);
	if (c->verify || c->stamp < IPC_WORD(1))
		return ipc_refusef(err, IPC_UNSUPPORTED,
				   c->verify ? "verify" : "stamp",
				   "%s throws away what it receives, unseen; "
				   "consumer-io=blocking looks at it", name);
	if (c->io.clients > 1)
		return ipc_refusef(err, IPC_UNSUPPORTED, "clients",
				   "%s has one link", name);
	return IPC_OK;
}

/* What only a link that comes and goes has, and what it needs. */
static enum ipc_rc check_connect(const struct pm_config *c,
				 const struct ipc_pairing *p,
				 struct ipc_err *err)
{
	const struct ipc_transport *t = p->transport;

	if (c->workload != PM_WORKLOAD_CONNECT)
		return c->io.reuse ? ipc_refuse(err, IPC_UNSUPPORTED, "reuse",
						"is for workload=connect")
				   : IPC_OK;
	if (!t)
		return ipc_refuse(err, IPC_UNSUPPORTED, "io",
				  "null connects to nothing");
	if (t->listen && !(t->gives & IPC_CAP_DUPLEX))
		return ipc_refusef(err, IPC_UNSUPPORTED, "workload",
				   "%s has no connections: direction=duplex",
				   t->name);
	if (c->io.clients > PM_CONNECT_CLIENTS_MAX)
		return ipc_refusef(err, IPC_UNSUPPORTED, "clients",
				   "each that connects is a program of its own: "
				   "%d at most", PM_CONNECT_CLIENTS_MAX);
	if (c->message != c->message_min || c->message < sizeof(struct pm_msg))
		return ipc_refuse(err, IPC_UNSUPPORTED, "message",
				  "who connects says one message of 16 bytes or "
				  "more, always the same length");
	if (c->calls || c->trace || c->drain != PM_DRAIN_NONE ||
	    c->io.impersonate)
		return ipc_refuse(err, IPC_UNSUPPORTED,
				  c->calls   ? "calls"
				  : c->trace ? "trace"
				  : c->io.impersonate ? "impersonate" : "drain",
				  "is for the workloads whose links stay");
	return IPC_OK;
}

/* What only an open loop has, and what it needs. */
static enum ipc_rc check_paced(const struct pm_config *c, struct ipc_err *err)
{
	static const char *const own[] = {
		"rate", "arrival", "pacer", "collect-timeout"
	};
	bool paced = c->workload == PM_WORKLOAD_PACED;
	struct pm_cell fresh;

	pm_cell_init(&fresh);
	for (size_t i = 0; !paced && i < sizeof(own) / sizeof(*own); i++)
		if (!pm_knob_equal(pm_knob_find(own[i]), c, &fresh.config))
			return ipc_refuse(err, IPC_UNSUPPORTED, own[i],
					  "is for workload=paced");
	if (paced && c->message_min < sizeof(struct pm_paced_msg))
		return ipc_refuse(err, IPC_UNSUPPORTED, "message",
				  "a paced message carries two times: 24 bytes "
				  "or more");
	if (paced && c->stamp != IPC_WORD(0) && c->stamp != 1)
		return ipc_refuse(err, IPC_UNSUPPORTED, "stamp",
				  "paced times every message: leave stamp out");
	if (paced && c->collect_timeout && !c->io.collect)
		return ipc_refuse(err, IPC_UNSUPPORTED, "collect-timeout",
				  "nothing is gathered without collect");
	return IPC_OK;
}

enum ipc_rc pm_resolve(const struct pm_cell *cell, struct ipc_pairing *out,
		       struct ipc_err *err)
{
	const struct pm_config *c = &cell->config;
	size_t largest = c->message > c->reply ? c->message : c->reply;
	size_t smallest = c->message_min < c->reply ? c->message_min : c->reply;
	enum ipc_rc rc;
	int cpu[2];

	if (cell->refused.rc) {
		*err = cell->refused;
		return err->rc;
	}
	rc = ipc_resolve(&c->io, pm_two_way(c), smallest, largest, out, err);
	if (!rc)
		rc = check_said(cell, out, err);
	if (!rc)
		rc = check_knobs(cell, out, err);
	if (!rc)
		rc = pm_place(c->placement, cpu, err);
	if (!rc)
		rc = check_workload(cell, cpu, err);
	if (!rc)
		rc = check_clients(c, err);
	if (!rc)
		rc = check_paced(c, err);
	if (!rc)
		rc = check_opaque(c, out, err);
	if (!rc)
		rc = check_connect(c, out, err);
	return rc;
}
