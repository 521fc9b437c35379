#ifndef IPC_OPTS_H
#define IPC_OPTS_H
/*
 * What a user may choose about a pipe.  opts.def declares each choice once;
 * this file turns the declarations into the fields of struct ipc_opts.
 *
 * A row is KNOB(field, type, attributes...).  Types: U64 (a number with a
 * unit; some words may stand for reserved values), BOOL, ENUM (an index into
 * the row's choices), TEXT.  bench/knob.h has the attributes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPC_TEXT_MAX = 128 };

/* The value that the k-th of a row's words stands for. */
#define IPC_WORD(k) (UINT64_MAX - (k))

/* Each in the order of its row's choices or words; a unit test compares. */
enum ipc_kind { IPC_KIND_ANONYMOUS, IPC_KIND_NAMED };
enum ipc_mode { IPC_MODE_BYTE, IPC_MODE_MESSAGE };
enum ipc_direction {
	IPC_DIRECTION_AUTO,
	IPC_DIRECTION_INBOUND,  /* client to server */
	IPC_DIRECTION_OUTBOUND, /* server to client */
	IPC_DIRECTION_DUPLEX
};
enum ipc_hand_over { IPC_HAND_OVER_INHERIT, IPC_HAND_OVER_STD };
enum ipc_write_through {
	IPC_WRITE_THROUGH_AUTO,
	IPC_WRITE_THROUGH_YES,
	IPC_WRITE_THROUGH_NO
};
enum ipc_sqos {
	IPC_SQOS_ANONYMOUS,
	IPC_SQOS_IDENTIFICATION,
	IPC_SQOS_IMPERSONATION,
	IPC_SQOS_DELEGATION
};
enum ipc_exchange {
	IPC_EXCHANGE_WRITE_READ,
	IPC_EXCHANGE_TRANSACT,
	IPC_EXCHANGE_CALL
};
enum ipc_ring { IPC_RING_AUTO, IPC_RING_DEFER, IPC_RING_COOP, IPC_RING_PLAIN };
enum ipc_registered {
	IPC_REGISTERED_AUTO,
	IPC_REGISTERED_YES,
	IPC_REGISTERED_NO
};
#define IPC_BUFFER_OS        IPC_WORD(0)
#define IPC_INSTANCES_CLIENTS   IPC_WORD(0)
#define IPC_INSTANCES_UNLIMITED IPC_WORD(1)
#define IPC_SLOTS_AUTO       IPC_WORD(0)
#define IPC_POLL_SPIN        IPC_WORD(0)
#define IPC_POLL_YIELD       IPC_WORD(1)
#define IPC_WAIT_NONE        IPC_WORD(0)
#define IPC_WAIT_DEFAULT     IPC_WORD(1)
#define IPC_WAIT_FOREVER     IPC_WORD(2)

#define KNOB_FIELD_U64(f)  uint64_t f;
#define KNOB_FIELD_BOOL(f) bool f;
#define KNOB_FIELD_ENUM(f) unsigned f;
#define KNOB_FIELD_TEXT(f) char f[IPC_TEXT_MAX];

struct ipc_opts {
#define KNOB(field, type, ...) KNOB_FIELD_##type(field)
#include "ipc/opts.def"
#undef KNOB
	/*
	 * Not a knob: the largest message either side will send, in bytes, at
	 * least 1.  Engines lend send buffers of this size.
	 */
	size_t size;
	/*
	 * Not a knob either: messages of 0 bytes will be sent.  Telling one
	 * from the end of the stream costs a dearer call on some systems.
	 */
	bool empties;
	/*
	 * Nor this: between two calls the caller may stay away for long, and
	 * what it has sent must go on by itself as well as it can.
	 */
	bool idles;
};

#endif
