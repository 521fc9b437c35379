#ifndef PEER_CHILD_H
#define PEER_CHILD_H
/* The half of peer.h that runs in the other process. */
#include "tests/support/peer.h"

enum { PEER_ARGS = 26 };

/* The arguments of a child: peer_main reads them back. */
void peer_print(const struct peer_case *of, enum peer_script script,
		const ipc_handle channel[2], const struct ipc_link *link,
		const char *name, char args[PEER_ARGS][64]);

/* Path of the running test program. */
bool peer_program(char *buf, size_t size, struct ipc_err *err);

/* Values of knobs that only some hosts have. */
void peer_more_opts(struct ipc_opts *opts);

/* One side from link to end: 0, or 1 with a note; the links are its own. */
int peer_side(struct peer *me, enum peer_script script, struct ipc_link *mine);

/* The other side as a thread, which takes theirs over; waited for in stop. */
bool peer_thread_start(struct peer *p, enum peer_script script,
		       struct ipc_link *theirs);
bool peer_thread_stop(struct peer *p); /* true: ended well, or none */

bool peer_connect(struct peer *p, unsigned needs);
bool peer_serve(struct peer *p, unsigned needs);

#endif
