#ifndef PM_CONNECT_H
#define PM_CONNECT_H
/*
 * The workload connect.  A named pipe: a client connects, says one message and
 * waits until the server has closed; the server takes one client after the
 * other.  The n-th message of client c has the sequence c << 40 | n, the
 * closing message of a phase the client's count in the same way.  With
 * exchange = call one call of the system does all of a visit, and the server
 * answers.  A pipe without a name is made and closed by one program alone.
 */
#include "bench/worker.h"

enum {
	PM_CONNECT_CLIENTS_MAX = 64, /* each is a process of its own */
	PM_CLIENT_SHIFT = 40
};

/* The parts of a connection's life; either end has some of them. */
struct pm_connect_hists {
	struct pm_hist create, connect, accept, first_message, close;
};

struct pm_connect {
	struct pm_worker       *w;
	struct pm_connect_hists hists;
	struct ipc_listener    *listener; /* the server's */
	bool                    has_next; /* it has what the next one needs */
	struct pm_client       *clients;  /* what the server saw of each */
	unsigned                closed;   /* clients that have ended the phase */
	struct ipc_tally        in, out;  /* of the links that are gone */
	char                   *words;    /* exchange = call: two messages */
};

/* All of it: what worker.c's live is to the other workloads. */
enum ipc_rc pm_connect_live(struct pm_worker *w);

/* connect_server.c, connect_client.c: the first connection of each client,
 * and a phase; both leave w->plan and w->run as the other workloads do. */
enum ipc_rc pm_connect_greet_clients(struct pm_connect *c);
enum ipc_rc pm_connect_serve(struct pm_connect *c);
enum ipc_rc pm_connect_greet_server(struct pm_connect *c);
enum ipc_rc pm_connect_visit(struct pm_connect *c);
enum ipc_rc pm_connect_alone(struct pm_connect *c);

/* For both: a link becomes w->end, which receives messages of want bytes, */
enum ipc_rc pm_connect_attach(struct pm_connect *c, struct ipc_link *link,
			      size_t want);
/* says a message, with everything in the kernel's hands, */
enum ipc_rc pm_connect_say(struct pm_connect *c, uint64_t seq, bool closing);
/* and goes. */
void pm_connect_detach(struct pm_connect *c);
/* Its words. */
void pm_connect_fill(const struct pm_connect *c, struct pm_msg *msg,
		     uint64_t seq, bool closing);
static inline bool pm_connect_calls(const struct pm_connect *c)
{
	return c->w->cell.config.io.exchange == IPC_EXCHANGE_CALL;
}
static inline void pm_connect_took(struct pm_connect *c, struct pm_hist *hist,
				   uint64_t start_ticks)
{
	pm_hist_record(hist, ipc_ns(&c->w->run.clock,
				    ipc_ticks() - start_ticks));
}

#endif
