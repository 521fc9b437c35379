#include "tests/support/peer_child.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/sys.h"
#include "tests/support/emulated.h"

static const char *program; /* argv[0], for a program that runs itself */

bool peer_is_child(int argc, char **argv)
{
	program = argv[0];
	return argc == PEER_ARGS && strcmp(argv[1], "--peer") == 0;
}

/* A test is run by its path, so argv[0] will do. */
bool peer_program(char *buf, size_t size, struct ipc_err *err)
{
	if (!program)
		return ipc_refuse(err, IPC_INVALID, "peer",
				  "main has to call peer_is_child") == IPC_OK;
	snprintf(buf, size, "%s", program);
	return true;
}

void peer_more_opts(struct ipc_opts *opts)
{
	(void)opts;
}

void peer_print(const struct peer_case *of, enum peer_script script,
		const ipc_handle channel[2], const struct ipc_link *link,
		const char *name, char args[PEER_ARGS][64])
{
	int i = 1;

#define TEXT(value) snprintf(args[i++], 64, "%s", value)
#define NUMBER(value) snprintf(args[i++], 64, "%" PRIu64, (uint64_t)(value))
	TEXT("--peer");
	NUMBER(script);
	NUMBER(channel[0]);
	NUMBER(channel[1]);
	snprintf(args[i++], 64, "%" PRIdPTR, link->rd);
	snprintf(args[i++], 64, "%" PRIdPTR, link->wr);
	TEXT(name[0] ? name : "-");
	TEXT(of->transport);
	TEXT(of->producer);
	TEXT(of->consumer);
	NUMBER(of->message);
	NUMBER(of->duplex);
	NUMBER(of->smallest);
	NUMBER(of->size);
	NUMBER(of->reply);
	NUMBER(of->count);
	NUMBER(of->seed);
	NUMBER(of->slots);
	NUMBER(of->read_size);
	NUMBER(of->collect);
	NUMBER(of->buffer);
	NUMBER(of->depth);
	NUMBER(of->batch);
	NUMBER(of->read_buffer);
	NUMBER(of->packets);
#undef TEXT
#undef NUMBER
	if (i != PEER_ARGS)
		abort(); /* PEER_ARGS is wrong */
}

struct child {
	struct peer      me;
	enum peer_script script;
	ipc_handle       channel[2], rd, wr;
};

static void parse(struct child *c, char **argv)
{
	struct peer_case *of = &c->me.of;
	int i = 2;

#define NUMBER() strtoull(argv[i++], NULL, 10)
	c->script = (enum peer_script)NUMBER();
	c->channel[0] = (ipc_handle)NUMBER();
	c->channel[1] = (ipc_handle)NUMBER();
	c->rd = (ipc_handle)strtoll(argv[i++], NULL, 10);
	c->wr = (ipc_handle)strtoll(argv[i++], NULL, 10);
	snprintf(c->me.name, sizeof(c->me.name), "%.63s", argv[i++]);
	of->transport = argv[i++];
	of->producer = argv[i++];
	of->consumer = argv[i++];
	of->message = NUMBER();
	of->duplex = NUMBER();
	of->smallest = (size_t)NUMBER();
	of->size = (size_t)NUMBER();
	of->reply = (size_t)NUMBER();
	of->count = (unsigned)NUMBER();
	of->seed = (unsigned)NUMBER();
	of->slots = NUMBER();
	of->read_size = NUMBER();
	of->collect = NUMBER();
	of->buffer = NUMBER();
	of->depth = NUMBER();
	of->batch = NUMBER();
	of->read_buffer = NUMBER();
	of->packets = NUMBER();
#undef NUMBER
}

static int complain(const char *doing, const struct ipc_err *err)
{
	char text[400];

	fprintf(stderr, "# peer: %s: %s\n", doing,
		ipc_err_text(err, text, sizeof(text)));
	return 1;
}

static bool open_link(struct peer *me, enum peer_script script,
		      struct ipc_link *mine)
{
	bool receives = script == PEER_RECEIVE || script == PEER_ECHO ||
			script == PEER_RECEIVE_HANG;
	unsigned needs = receives ? me->pairing.consumer_needs
				  : me->pairing.producer_needs;

	if (me->pairing.transport->pair) {
		me->link = *mine;
		*mine = (struct ipc_link)IPC_LINK_INIT;
	} else if (receives ? !peer_serve(me, needs)
			    : !peer_connect(me, needs)) {
		return false;
	}
	return peer_attach(me, receives ? me->pairing.consumer
					: me->pairing.producer);
}

/* Wait to be killed; nobody waits longer than tap does. */
static int hang(struct peer *me)
{
	if (ipc_channel_send(&me->channel, "hanging\n", 8, &me->err))
		return complain("channel", &me->err);
	for (int i = 0; i < 120; i++)
		ipc_sleep_ns(1000000000u);
	return 1;
}

static int echo(struct peer *me)
{
	const struct ipc_engine *io = me->hub->engine;

	for (unsigned i = 0;; i++) {
		size_t len = peer_length(&me->of, i);
		size_t reply = me->of.reply ? me->of.reply : len;
		struct ipc_end *from;
		const void *data;
		void *answer;
		int64_t got;

		me->end->want = len;
		got = io->next(me->hub, &from, &data);
		if (got == IPC_EOF && i == me->of.count)
			return 0;
		if (got != (int64_t)len)
			return complain("next", &me->end->err);
		if (!peer_right(data, len, i, me->of.seed))
			return 1;
		answer = io->reserve(me->end);
		if (!answer)
			return complain("reserve", &me->end->err);
		peer_fill(answer, reply, i, me->of.seed + 1);
		if (io->commit(me->end, reply, 0))
			return complain("commit", &me->end->err);
	}
}

static int send_torn(struct peer *me)
{
	const struct ipc_engine *io = me->hub->engine;
	void *data;

	if (!peer_send(me, 0, me->of.count))
		return 1;
	data = io->reserve(me->end);
	if (!data || io->commit(me->end, me->of.size / 2, 0) ||
	    io->flush(me->end))
		return complain("commit", &me->end->err);
	return 0;
}

static int listen_hang(struct child *c)
{
	struct peer *me = &c->me;
	struct ipc_listener *listener;

	if (me->pairing.transport->listen(me->name, &me->opts,
					  me->pairing.consumer_needs,
					  &listener, &me->err))
		return complain("listen", &me->err);
	return hang(me);
}

/* The handles go on to a child of this one, which must die with it. */
static int grandparent(struct child *c)
{
	char args[PEER_ARGS][64], path[1024];
	const char *argv[PEER_ARGS + 1];
	ipc_handle inherit[4] = { c->channel[0], c->channel[1], c->wr };
	struct ipc_spawn how = { .path = path, .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE,
				 .inherit = inherit, .inherit_count = 3,
				 .prefix = test_prefix() };
	struct ipc_link link = { .rd = c->rd, .wr = c->wr };
	struct peer *me = &c->me;

	peer_program(path, sizeof(path), &me->err);
	peer_print(&me->of, PEER_SEND_HANG, c->channel, &link, me->name, args);
	for (size_t i = 0; i < PEER_ARGS; i++)
		argv[i] = args[i];
	argv[0] = path;
	argv[PEER_ARGS] = NULL;
	if (ipc_spawn(&how, &me->child, &me->err))
		return complain("spawn", &me->err);
	ipc_channel_close(&me->channel);
	ipc_handle_close(c->wr);
	for (int i = 0; i < 120; i++)
		ipc_sleep_ns(1000000000u);
	return 1;
}

static int play(struct peer *me, enum peer_script script)
{
	unsigned count = me->of.count;

	switch (script) {
	case PEER_SEND:
		return !peer_send(me, 0, count);
	case PEER_SEND_TORN:
		return send_torn(me);
	case PEER_SEND_HANG:
		return peer_send(me, 0, count) ? hang(me) : 1;
	case PEER_RECEIVE:
		return !(peer_receive(me, 0, count) &&
			 peer_ended(me, IPC_EOF));
	case PEER_RECEIVE_HANG:
		return peer_receive(me, 0, count) ? hang(me) : 1;
	case PEER_ECHO:
		return echo(me);
	default:
		return 1;
	}
}

int peer_side(struct peer *me, enum peer_script script, struct ipc_link *mine)
{
	int status = open_link(me, script, mine) ? play(me, script) : 1;

	if (me->hub)
		me->hub->engine->close(me->hub);
	ipc_link_close(&me->link);
	return status;
}

int peer_main(int argc, char **argv)
{
	struct child c = { .me.link = IPC_LINK_INIT };
	struct ipc_link mine = IPC_LINK_INIT;
	struct peer *me = &c.me;
	int status;

	(void)argc;
	ipc_die_with_parent();
	ipc_program_start(&argc, &argv);
	parse(&c, argv);
	peer_opts(&me->of, &me->opts);
	if (peer_resolve(&me->of, &me->pairing, &me->err))
		return complain("resolve", &me->err);
	if (ipc_channel_open(&me->channel, c.channel[0], c.channel[1],
			     &me->err))
		return complain("channel", &me->err);
	if (c.script == PEER_LISTEN_HANG)
		return listen_hang(&c);
	if (c.script == PEER_GRANDPARENT)
		return grandparent(&c);
	if (me->pairing.transport->pair &&
	    ipc_link_adopt(c.rd, c.wr, &mine, &me->err))
		return complain("adopt", &me->err);
	status = peer_side(me, c.script, &mine);
	ipc_channel_close(&me->channel);
	return status;
}
