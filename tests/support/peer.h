#ifndef PEER_H
#define PEER_H
/*
 * Two ends of a link in two real processes: a test program runs itself again
 * as the other side.  Knows nothing but the headers of ipc, so it is the same on every
 * system.  Where a process is dear (Wine), a case that follows one with a
 * process may have a thread of this one as its other side.
 *
 *     int main(int argc, char **argv)
 *     {
 *         if (peer_is_child(argc, argv))
 *             return peer_main(argc, argv);
 *         tap_start(60);
 *         ...
 *
 * Messages are numbered; length and content follow from number and seed, so
 * either side can tell whether what came is what was sent.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/proc.h"
#include "ipc/registry.h"

struct peer_case {
	const char *transport; /* names of list.def */
	const char *producer, *consumer;
	bool     message;      /* mode = message, where there is a choice */
	bool     duplex;
	size_t   smallest, size; /* lengths, evenly drawn */
	size_t   reply;        /* duplex: length of a reply; 0: the same */
	unsigned count;
	unsigned seed;
	uint64_t slots, read_size, collect, buffer; /* 0: the default */
	uint64_t read_buffer;
	bool     packets;      /* skip-on-success = no */
	uint64_t depth, batch;
	bool     threaded;     /* the other side is a thread: far cheaper */
};

/* What the other side does; a thread can do what neither hangs nor dies. */
enum peer_script {
	PEER_SEND,         /* count messages, detach, exit */
	PEER_SEND_TORN,    /* the same, and half a message */
	PEER_SEND_HANG,    /* the same, says "hanging" and waits to be killed */
	PEER_RECEIVE,      /* all of them, then the end */
	PEER_RECEIVE_HANG, /* count of them, says "hanging", waits */
	PEER_ECHO,         /* answers until the end */
	PEER_LISTEN_HANG,  /* makes the name, says "hanging", waits */
	PEER_GRANDPARENT   /* runs a PEER_SEND_HANG of its own, and waits */
};

struct peer {
	struct peer_case    of;
	struct ipc_opts     opts;
	struct ipc_pairing  pairing;
	struct ipc_link     link;  /* this process's side */
	struct ipc_proc     child;
	struct ipc_channel  channel;
	struct ipc_hub     *hub;
	struct ipc_end     *end;
	char                name[64];
	struct ipc_err      err;
	atomic_bool         killing; /* a thread waits for "hanging" */
	struct peer_thread *thread;  /* of a case that is threaded */
};

bool peer_is_child(int argc, char **argv);
int  peer_main(int argc, char **argv);

/* opts of a case, every "=" default filled in. */
void peer_opts(const struct peer_case *of, struct ipc_opts *opts);
enum ipc_rc peer_resolve(const struct peer_case *of,
			 struct ipc_pairing *pairing, struct ipc_err *err);

/*
 * Start a child with the script, and open and attach this side.  False, with
 * a note, if anything fails.  peer_stop always; true if the child ended well.
 */
bool peer_start(struct peer *p, const struct peer_case *of,
		enum peer_script script);
/* The same without the attaching. */
bool peer_start_link(struct peer *p, const struct peer_case *of,
		     enum peer_script script);
bool peer_stop(struct peer *p);

/* Both sides in this process, attached; for messages that fit the buffer. */
struct pair {
	struct peer near, far; /* of a one-way link near receives */
};
bool pair_open(struct pair *pair, const struct peer_case *of);
void pair_close(struct pair *pair);
/* Links only; then attach one by one. */
bool pair_links(struct pair *pair, const struct peer_case *of);
bool peer_attach(struct peer *p, const struct ipc_engine *engine);

/* Wait for the child's "hanging"; kill it from a thread when it came. */
bool peer_await_hanging(struct peer *p);
bool peer_kill_when_hanging(struct peer *p);

/* Messages. */
size_t peer_length(const struct peer_case *of, unsigned number);
void   peer_fill(void *data, size_t len, unsigned number, unsigned seed);
bool   peer_right(const void *data, size_t len, unsigned number, unsigned seed);

/* Send or receive messages first..first+count-1; false with a note. */
bool peer_send(struct peer *p, unsigned first, unsigned count);
bool peer_receive(struct peer *p, unsigned first, unsigned count);
/* The end is said once: expected, then "nobody left". */
bool peer_ended(struct peer *p, enum ipc_rc expected);
/*
 * A whole case: the child sends of->count messages and this side receives
 * them and the end; or this side sends, so that a wrong receiver cannot hide
 * in the other process.
 */
bool peer_one_way(const struct peer_case *of);
bool peer_other_way(const struct peer_case *of);

/* Transports and engines of this host, one after the other. */
const struct ipc_transport *peer_transport(size_t i); /* NULL: no more */
const struct ipc_engine *peer_engine(size_t i); /* without null */
/* A transport that can be both is tried as both: how many ways, and which. */
size_t peer_modes(const struct ipc_transport *it, bool modes[2]);

#endif
