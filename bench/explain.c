#include "bench/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/launch.h"
#include "bench/text.h"

enum { INDENT = 13, LINE_MAX_BYTES = 600 };

struct page {
	FILE                     *out;
	unsigned                  width;
	const struct pm_config   *config;
	const struct ipc_pairing *pairing;
};

static void say(const struct page *p, const char *head, const char *format, ...)
	__attribute__((format(__printf__, 3, 4)));

static void say(const struct page *p, const char *head, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pm_text_row(p->out, p->width, INDENT, head, text);
}

static const char *value(const struct page *p, const char *name,
			 char buf[PM_VALUE_MAX])
{
	return pm_knob_print(pm_knob_find(name), p->config, buf);
}

static bool pingpong(const struct page *p)
{
	return p->config->workload == PM_WORKLOAD_PINGPONG;
}

static bool connects(const struct page *p)
{
	return p->config->workload == PM_WORKLOAD_CONNECT;
}

static bool calls(const struct page *p)
{
	return connects(p) && p->config->io.exchange == IPC_EXCHANGE_CALL;
}

static void explain_link(const struct page *p)
{
	const struct ipc_transport *t = p->pairing->transport;
	bool outbound = p->config->io.direction == IPC_DIRECTION_OUTBOUND;
	const char *server = outbound ? "the producer" : "the consumer";
	const char *client = outbound ? "the consumer" : "the producer";
	char name[PM_VALUE_MAX], wait[PM_VALUE_MAX];

	say(p, "pipe", "%s (%s)%s", t->name, t->summary,
	    connects(p) ? "; one for each connection"
	    : p->pairing->duplex && !(t->gives & IPC_CAP_DUPLEX)
		    ? "; two of them, one for each direction"
		    : p->pairing->duplex ? "; one, for both directions"
					 : "; one, producer to consumer");
	if (t->pair && connects(p)) {
		say(p, "made by", "the producer, which closes it at once, "
		    "and again: %s", t->makes ? t->makes : "?");
		return;
	}
	if (t->pair) {
		say(p, "made by", "the runner: %s", t->makes ? t->makes : "?");
		say(p, "reached by", "each program inherits its own side and "
		    "nothing else, %s",
		    p->config->io.hand_over == IPC_HAND_OVER_STD
			    ? "as standard input and output"
			    : "told by --link handles:READ,WRITE");
		return;
	}
	value(p, "name", name);
	say(p, "made by", "%s (the server), under %s: %s", server,
	    strcmp(name, "random") ? name : "an unguessable name",
	    t->makes ? t->makes : "?");
	say(p, "reached by", "%s (the client), who tries for %s: %s", client,
	    value(p, "wait", wait),
	    calls(p)   ? "CallNamedPipeW, which opens it by itself; sqos has no "
			 "say"
	    : t->joins ? t->joins
		       : "?");
}

static void explain_buffer(const struct page *p)
{
	char in[PM_VALUE_MAX], out[PM_VALUE_MAX];

	value(p, "in-buffer", in);
	value(p, "out-buffer", out);
	if (strcmp(in, out))
		say(p, "buffer", "asked for: %s for what the server reads, %s "
		    "for what it writes; what the system gave is recorded", in,
		    out);
	else if (strcmp(in, "os"))
		say(p, "buffer", "%s asked for; what the system gave is "
		    "recorded", in);
	else
		say(p, "buffer", "what the system gives; it is recorded");
}

/* Messages that one call moves at most, of a stream of bytes. */
static uint64_t together(const struct page *p, uint64_t bytes)
{
	uint64_t size = p->config->message ? p->config->message : 1;

	return p->pairing->message || bytes < 2 * size ? 1 : bytes / size;
}

/* Parts that a message needs since the pipe holds less than all of it. */
static uint64_t pieces(const struct page *p)
{
	const struct ipc_opts *io = &p->config->io;
	uint64_t room = io->direction == IPC_DIRECTION_OUTBOUND
				? io->out_buffer : io->in_buffer;

	if (p->pairing->message || !room || room >= IPC_BUFFER_OS)
		return 1;
	return (p->config->message + room - 1) / room;
}

/* "about 16 read": one call for each part that fits into the pipe. */
static const char *receiving(const struct page *p, const struct ipc_engine *e,
			     char buf[64])
{
	if (pieces(p) > 1)
		snprintf(buf, 64, "about %" PRIu64 " %s", pieces(p),
			 e->receives);
	else
		snprintf(buf, 64, "1 %s", e->receives);
	return buf;
}

static void explain_calls(const struct page *p, const struct ipc_engine *e,
			  bool sends, char *text, size_t size)
{
	uint64_t many = together(p, sends ? p->config->io.collect
					  : p->config->io.read_size);
	char in[64] = "";

	if (e->receives)
		receiving(p, e, in);
	if (!(sends ? e->sends : e->receives))
		snprintf(text, size, "no system call a message");
	else if (calls(p) && sends)
		snprintf(text, size, "1 CallNamedPipe a connection");
	else if (calls(p))
		snprintf(text, size, "%s, then 1 %s a connection", in, e->sends);
	else if (pingpong(p) && sends &&
		 p->config->io.exchange == IPC_EXCHANGE_TRANSACT)
		snprintf(text, size, "1 TransactNamedPipe a round trip");
	else if (pingpong(p) && sends)
		snprintf(text, size, "1 %s, then %s a round trip", e->sends, in);
	else if (pingpong(p))
		snprintf(text, size, "%s, then 1 %s a round trip", in, e->sends);
	else if (many > 1)
		snprintf(text, size, "1 %s for up to %" PRIu64 " messages",
			 sends ? e->sends : e->receives, many);
	else if (sends)
		snprintf(text, size, "1 %s a message", e->sends);
	else
		snprintf(text, size, "%s a message", in);
}

static void explain_end(const struct page *p, const char *role,
			const struct ipc_engine *e, bool sends)
{
	bool in_pieces = e->receives && pieces(p) > 1 &&
			 (pingpong(p) || !sends);
	char text[LINE_MAX_BYTES / 2];

	explain_calls(p, e, sends, text, sizeof(text));
	say(p, role, "%s (%s): %s%s%s", e->name, e->summary, text,
	    in_pieces ? ", since a message is larger than the pipe; fewer where "
			"the system gives more" : "",
	    e->sends && !strcmp(e->name, "nowait")
		    ? "; and those that are told: not now" : "");
}

static void explain_workload(const struct page *p)
{
	char workload[PM_VALUE_MAX], rate[PM_VALUE_MAX], arrival[PM_VALUE_MAX];

	value(p, "workload", workload);
	if (p->config->workload == PM_WORKLOAD_PACED)
		say(p, "workload", "%s: %s messages a second, arrival %s",
		    workload, value(p, "rate", rate),
		    value(p, "arrival", arrival));
	else
		say(p, "workload", "%s%s", workload,
		    !connects(p) ? ""
		    : calls(p)
			    ? ": each client says one message and has its "
			      "reply, in one call"
		    : p->config->io.reuse
			    ? ": each client says one message; the server "
			      "disconnects it and listens again"
			    : ": each client says one message; the server "
			      "closes");
}

static void explain_messages(const struct page *p)
{
	char size[PM_VALUE_MAX], least[PM_VALUE_MAX], reply[PM_VALUE_MAX];
	bool varied = p->config->message_min != p->config->message;

	value(p, "message", size);
	value(p, "message-min", least);
	value(p, "reply", reply);
	say(p, "messages", "%s%s%s bytes, %s%s%s%s", varied ? least : "",
	    varied ? " to " : "", size,
	    p->pairing->transport && p->pairing->message
		    ? "kept apart by the system"
		    : "told apart by their lengths",
	    pingpong(p) && strcmp(reply, size) ? "; replies of " : "",
	    pingpong(p) && strcmp(reply, size) ? reply : "",
	    p->config->verify ? "; every byte checked" : "");
}

static void explain_placement(const struct page *p)
{
	int cpu[2];

	if (pm_place(p->config->placement, cpu, NULL))
		return;
	if (cpu[PM_PRODUCER] < 0)
		say(p, "placement", "wherever the system puts the programs");
	else
		say(p, "placement", "producer on CPU %d, consumer on CPU %d",
		    cpu[PM_PRODUCER], cpu[PM_CONSUMER]);
}

static void explain_time(const struct page *p)
{
	char warmup[PM_VALUE_MAX], time[PM_VALUE_MAX], count[PM_VALUE_MAX];

	value(p, "warmup", warmup);
	if (p->config->count)
		say(p, "trial", "%s warm-up, then %s messages measured", warmup,
		    value(p, "count", count));
	else
		say(p, "trial", "%s warm-up, then %s measured", warmup,
		    value(p, "time", time));
}

void pm_explain(FILE *out, const struct pm_cell *cell,
		const struct ipc_pairing *pairing)
{
	struct page p = { .out = out, .width = pm_text_width(out),
			  .config = &cell->config, .pairing = pairing };

	fprintf(out, "%s\n", cell->id[0] ? cell->id : "(all defaults)");
	explain_workload(&p);
	if (pairing->transport) {
		explain_link(&p);
		explain_buffer(&p);
	} else {
		say(&p, "pipe", "none: the loop alone, in one program");
	}
	explain_end(&p, "producer", pairing->producer, true);
	explain_end(&p, "consumer", pairing->consumer, false);
	explain_messages(&p);
	explain_placement(&p);
	explain_time(&p);
}
