#ifndef IPC_DUO_H
#define IPC_DUO_H
/* Two threads at once, each on its CPU: what CPUs have with each other. */
#include <stdatomic.h>
#include <stdint.h>

#include "ipc/err.h"

enum ipc_cue { IPC_CUE_WAIT, IPC_CUE_PLAY, IPC_CUE_LEAVE };

struct ipc_player {
	void (*body)(void *arg);
	void       *arg;
	unsigned    cpu;
	atomic_int *cue; /* ipc_duo's own */
};

/*
 * Both bodies run at once, or neither; returns when both are over.  Where
 * threads cannot be bound they play all the same, wherever they are.  The
 * caller's own CPUs stay as they are.
 */
enum ipc_rc ipc_duo(struct ipc_player players[2], struct ipc_err *err);
void ipc_duo_play(struct ipc_player *player); /* on the player's thread */

/*
 * What it takes to wake a sleeping thread: two of them pass a turn to and fro
 * by the system's own semaphores.  ns[0..rounds-1] are half round trips, in
 * order; about 20 us each.
 */
enum ipc_rc ipc_wake_play(const unsigned cpus[2], unsigned rounds, uint64_t *ns,
			  struct ipc_err *err);

/*
 * How far two CPUs are from each other: a cache line goes there and back, the
 * fastest of some bursts.  Threads of one core share their caches, cores of
 * one chip do not, and a guest's CPUs may be the one now and the other a minute
 * later.  IPC_TIMEOUT if the two never ran at once; about 1 ms, 20 at most.
 */
enum ipc_rc ipc_bounce_play(const unsigned cpus[2], double *ns,
			    struct ipc_err *err);

#endif
