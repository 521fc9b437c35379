#ifndef IPC_REGISTRY_H
#define IPC_REGISTRY_H
/*
 * What exists, and what fits together.  Rows of the other system are known
 * here too, so that a refusal can say where a thing does exist.
 */
#include <stdbool.h>

#include "ipc/ipc.h"
#include "ipc/opts.h"

struct ipc_named_transport {
	const char                 *name;
	const char                 *os; /* "linux" or "windows" */
	const struct ipc_transport *it; /* NULL: known, but not on this host */
};

struct ipc_named_engine {
	const char              *name;
	const char              *os; /* "linux", "windows" or "both" */
	const struct ipc_engine *it; /* NULL: known, but not on this host */
};

/* Ended by a row whose name is NULL. */
extern const struct ipc_named_transport ipc_transports[];
extern const struct ipc_named_engine    ipc_engines[];

/* "linux" or "windows". */
const char *ipc_host_name(void);

/* NULL if nobody knows the name. */
const struct ipc_named_transport *ipc_find_transport(const char *name);

/*
 * An engine by its own name, or by the style that stands for it on this host
 * ("overlapped" is uring on Linux).
 */
const struct ipc_named_engine *ipc_find_engine(const char *name);

/* What a cell became. */
struct ipc_pairing {
	const struct ipc_transport *transport; /* NULL with the null engine */
	const struct ipc_engine    *producer, *consumer;
	unsigned producer_needs, consumer_needs; /* for pair, listen, connect */
	bool     duplex;  /* both directions are used: ping-pong */
	bool     message; /* the link keeps message boundaries */
};

/*
 * Resolve opts (every "=" default already filled in) to a transport and two
 * engines of this host and check that they fit: IPC_INVALID if the request
 * contradicts itself, IPC_UNSUPPORTED if it is sensible but not here; err->what then says
 * why, and what would work.  duplex: both sides send.  Nothing is substituted.
 * smallest and largest are the message lengths in bytes that will be sent.
 */
enum ipc_rc ipc_resolve(const struct ipc_opts *opts, bool duplex,
			size_t smallest, size_t largest,
			struct ipc_pairing *out, struct ipc_err *err);

/* The host's part, in ipc/<os>/host.c: kind, mode and engines to a name. */
const char *ipc_host_transport(const struct ipc_opts *opts, unsigned engine_needs,
			       bool duplex, struct ipc_err *err);
/* "overlapped" to "uring" on Linux; else the name itself. */
const char *ipc_host_engine(const char *style);
/* What only this host refuses, once everything else fits. */
enum ipc_rc ipc_host_check(const struct ipc_opts *opts,
			   const struct ipc_pairing *pairing, size_t largest,
			   struct ipc_err *err);

#endif
