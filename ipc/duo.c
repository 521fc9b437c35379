#include "ipc/duo.h"

#include <stdbool.h>

#include "ipc/clock.h"
#include "ipc/sys.h"

enum { BURSTS = 64, BOUNCES = 32, PATIENCE_NS = 20000000, LOOKS = 4096 };

void ipc_duo_play(struct ipc_player *player)
{
	int cue;

	ipc_pin(player->cpu, NULL);
	while ((cue = atomic_load(player->cue)) == IPC_CUE_WAIT)
		ipc_yield();
	if (cue == IPC_CUE_PLAY)
		player->body(player->arg);
}

struct line {
	_Alignas(128) atomic_uint turn; /* alone on its cache line */
	_Alignas(128) uint64_t end_ns;
	uint64_t best_ns; /* of a burst */
};

static bool await(struct line *line, unsigned turn)
{
	for (unsigned look = 1;; look++) {
		if (atomic_load_explicit(&line->turn, memory_order_acquire) ==
		    turn)
			return true;
		if (look % LOOKS == 0 && ipc_now_ns() > line->end_ns)
			return false;
	}
}

static void pass(struct line *line, unsigned turn)
{
	atomic_store_explicit(&line->turn, turn, memory_order_release);
}

static void serve(void *arg)
{
	struct line *line = arg;
	unsigned turn = 0;

	for (int burst = 0; burst < BURSTS; burst++) {
		uint64_t start = ipc_now_ns(), spent;

		for (int i = 0; i < BOUNCES; i++, turn += 2) {
			pass(line, turn + 1);
			if (!await(line, turn + 2))
				return;
		}
		spent = ipc_now_ns() - start;
		if (!line->best_ns || spent < line->best_ns)
			line->best_ns = spent;
	}
}

static void give_back(void *arg)
{
	struct line *line = arg;

	for (unsigned turn = 1; turn < 2 * BURSTS * BOUNCES; turn += 2) {
		if (!await(line, turn))
			return;
		pass(line, turn + 1);
	}
}

enum ipc_rc ipc_bounce_play(const unsigned cpus[2], double *ns,
			    struct ipc_err *err)
{
	struct line line = { .end_ns = ipc_now_ns() + PATIENCE_NS };
	struct ipc_player players[2] = {
		{ .body = serve, .arg = &line, .cpu = cpus[0] },
		{ .body = give_back, .arg = &line, .cpu = cpus[1] },
	};
	enum ipc_rc rc = ipc_duo(players, err);

	if (rc)
		return rc;
	if (!line.best_ns)
		return ipc_refuse(err, IPC_TIMEOUT, "bounce",
				  "the two CPUs never ran at once");
	*ns = (double)line.best_ns / BOUNCES;
	return IPC_OK;
}
