#ifndef IPC_LINUX_ASK_H
#define IPC_LINUX_ASK_H
/*
 * The self-test's questions to Linux, and what they share.  They call the
 * system as it is: nothing of the transports and engines is in between.
 */
#include "ipc/selftest.h"

#include <stddef.h>

/* False: the answer says why there is nothing to ask.  [0] reads a pipe. */
bool ask_pipe(struct ipc_answer *, int flags, int fds[2]);
bool ask_sockets(struct ipc_answer *, int type, int fds[2]);
/* Closed unless -1, which they become. */
void ask_close(int *fd);
void ask_done(int fds[2]);

/* errno if it failed, else 0. */
unsigned ask_code(long result);
/* Writes of that size that a non-blocking descriptor takes; 0 if it ends
 * with anything but EAGAIN. */
unsigned ask_fill(int fd, size_t size);

/* A folder of our own for names; false: the answer says why. */
struct ask_folder {
	char path[64], name[80]; /* name: of one thing in it */
};
bool ask_folder(struct ipc_answer *, struct ask_folder *);
void ask_folder_done(struct ask_folder *);

/* The questions, by file; ask.c has the table. */
typedef void ask_fn(struct ipc_answer *);
/* ask_pipe.c */
ask_fn ask_capacity, ask_small_writes, ask_rounding, ask_shrink, ask_too_large,
	ask_partial, ask_atomic, ask_pollout, ask_pollout_page,
	ask_pipe_unread, ask_no_reader, ask_writer_gone, ask_packet_split,
	ask_packet_short, ask_packet_slots, ask_fifo_no_reader, ask_fifo_twice,
	ask_fifo_packet_open, ask_fifo_packet_set;
/* ask_socket.c */
ask_fn ask_socket_small, ask_largest, ask_too_long, ask_short_read,
	ask_true_length, ask_empty, ask_empty_credentials, ask_end_credentials,
	ask_first_length, ask_outstanding, ask_reset, ask_kept,
	ask_half_close, ask_nobody, ask_stale, ask_taken, ask_backlog,
	ask_peer, ask_pidfd;
/* ask_other.c */
ask_fn ask_close_behind, ask_uring, ask_clock, ask_sleep;

#endif
