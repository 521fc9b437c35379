#include "bench/faulty.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/proc.h"

enum fault { DROP, REPEAT, CORRUPT, REORDER, HANG, LEAK, FAULTS };
static const char *const names[FAULTS] = {
	"drop", "repeat", "corrupt", "reorder", "hang", "leak"
};

/* One a process, as the hub is. */
static struct {
	const struct ipc_engine *real;
	struct ipc_engine        made;
	enum fault               fault;
	uint64_t                 at, seen;
	void                    *kept;  /* a message to deliver once more */
	int64_t                  kept_length;
	struct ipc_end          *kept_from;
	struct ipc_channel       leaked;
} state;

static int64_t keep(struct ipc_end *from, const void *data, int64_t length)
{
	free(state.kept);
	state.kept = malloc(length ? (size_t)length : 1);
	if (!state.kept)
		return ipc_refuse(&from->err, IPC_NOMEM, "malloc", "message");
	memcpy(state.kept, data, (size_t)length);
	state.kept_length = length;
	state.kept_from = from;
	return length;
}

static int64_t take_kept(struct ipc_end **from, const void **data)
{
	int64_t length = state.kept_length;

	*from = state.kept_from;
	*data = state.kept;
	state.kept_from = NULL;
	return length;
}

static int64_t do_wrong(struct ipc_hub *hub, struct ipc_end **from,
			const void **data, int64_t length)
{
	ipc_handle theirs[2];

	switch (state.fault) {
	case DROP:
		return state.real->next(hub, from, data);
	case REPEAT:
		return keep(*from, *data, length);
	case REORDER: /* the next one first */
		if (keep(*from, *data, length) < 0)
			return IPC_NOMEM;
		return state.real->next(hub, from, data);
	case CORRUPT:
		if (keep(*from, *data, length) < 0)
			return IPC_NOMEM;
		((unsigned char *)state.kept)[length - 1] ^= 1;
		return take_kept(from, data);
	case HANG:
		for (;;)
			ipc_sleep_ns(1000000000u);
	default:
		ipc_channel_pair(&state.leaked, theirs, NULL);
		return length;
	}
}

static int64_t next(struct ipc_hub *hub, struct ipc_end **from,
		    const void **data)
{
	int64_t length;

	if (state.kept_from)
		return take_kept(from, data);
	length = state.real->next(hub, from, data);
	if (length <= 0 || ++state.seen != state.at)
		return length;
	return do_wrong(hub, from, data, length);
}

const struct ipc_engine *pm_faulty(const struct ipc_engine *real,
				   const char *text)
{
	for (int i = 0; i < FAULTS; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(text, names[i], length) || text[length] != ':')
			continue;
		state.real = real;
		state.made = *real;
		state.made.next = next;
		state.fault = (enum fault)i;
		state.at = strtoull(text + length + 1, NULL, 10);
		return state.at > 1 ? &state.made : NULL;
	}
	return NULL;
}
