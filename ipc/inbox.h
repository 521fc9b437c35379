#ifndef IPC_INBOX_H
#define IPC_INBOX_H
/*
 * For writers of engines, on every system: how many buffers, how large, and
 * the inbox, which cuts a stream of bytes into messages in place.
 *
 *     p = take(want)              a whole message, or NULL
 *     n = room(want, &at)         where the next read goes, and how much
 *     fed(n)                      what the read brought
 *
 * A buffer holds k messages of the largest size, so that with one size a
 * message cut short is completed where it lies and no byte ever moves.  With
 * varying lengths one that would not fit behind the others is moved to the
 * front, and counted.  What was taken stays valid until the following room.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ipc/mem.h"
#include "ipc/opts.h"

/* Distance between two buffers: whole cache lines, whole pages from 4096 up. */
static inline size_t ipc_slot_stride(size_t size)
{
	size_t unit = size < 4096 ? 64 : 4096;

	return (size + unit - 1) / unit * unit;
}

static inline size_t ipc_slots(const struct ipc_opts *opts, size_t automatic)
{
	return opts->slots == IPC_SLOTS_AUTO ? automatic : (size_t)opts->slots;
}

struct ipc_inbox {
	char  *base;   /* slots buffers, stride bytes apart */
	char  *buf;    /* the one in use */
	size_t cap;    /* bytes of a buffer that are used */
	size_t ask;    /* most bytes of one read; 0: the rest of a message */
	size_t off;    /* before it everything was taken */
	size_t have;   /* bytes read */
	size_t slot, slots, stride;
};

/* Bytes that one read may bring: never past the end of a buffer. */
static inline size_t ipc_inbox_cap(size_t size, uint64_t read_size)
{
	return read_size > size ? (size_t)read_size / size * size : size;
}

/* False without memory.  Release it with ipc_inbox_free; harmless on zeros. */
static inline bool ipc_inbox_make(struct ipc_inbox *in, size_t size,
				  uint64_t read_size, size_t slots,
				  struct ipc_err *err)
{
	memset(in, 0, sizeof(*in));
	in->cap = ipc_inbox_cap(size, read_size);
	in->ask = (size_t)read_size;
	in->stride = ipc_slot_stride(in->cap);
	in->slots = slots;
	if (in->stride > SIZE_MAX / slots) {
		ipc_refuse(err, IPC_NOMEM, "slots", "more than memory holds");
		return false;
	}
	in->base = ipc_pages_alloc(in->stride * slots, err);
	in->buf = in->base;
	return in->base != NULL;
}

static inline void ipc_inbox_free(struct ipc_inbox *in)
{
	ipc_pages_free(in->base, in->stride * in->slots);
	in->base = NULL;
}

static inline const void *ipc_inbox_take(struct ipc_inbox *in, size_t want)
{
	const char *message = in->buf + in->off;

	if (in->have - in->off < want)
		return NULL;
	in->off += want;
	return message;
}

/* Everything was taken: the next buffer in rotation, from its start. */
static inline void ipc_inbox_turn(struct ipc_inbox *in)
{
	if (!in->have)
		return;
	in->off = in->have = 0;
	if (++in->slot == in->slots)
		in->slot = 0;
	in->buf = in->base + in->slot * in->stride;
}

static inline void ipc_inbox_to_front(struct ipc_inbox *in,
				      uint64_t *copied_bytes)
{
	in->have -= in->off;
	memmove(in->buf, in->buf + in->off, in->have);
	*copied_bytes += in->have;
	in->off = 0;
}

/* Where the next read goes; returns how many bytes to ask for, at least 1. */
static inline size_t ipc_inbox_room(struct ipc_inbox *in, size_t want,
				    void **at, uint64_t *copied_bytes)
{
	size_t room;

	if (in->off == in->have)
		ipc_inbox_turn(in);
	else if (want > in->cap - in->off)
		ipc_inbox_to_front(in, copied_bytes);
	*at = in->buf + in->have;
	if (!in->ask)
		return want - (in->have - in->off);
	room = in->cap - in->have;
	return in->ask < room ? in->ask : room;
}

static inline void ipc_inbox_fed(struct ipc_inbox *in, size_t bytes)
{
	in->have += bytes;
}

/* At the end of the stream: part of a message is there, the rest is lost. */
static inline bool ipc_inbox_torn(const struct ipc_inbox *in)
{
	return in->off != in->have;
}

#endif
