#ifndef URING_H
#define URING_H
/*
 * The engine uring, in four files: the ring (uring_ring.c), sending
 * (uring_send.c), receiving (uring_receive.c), open to close (uring.c).
 *
 * A pipe knows no order among requests that are in flight together, so an end
 * has one chain of linked writes at a time, and one read.  A short write cuts
 * its chain; the next one starts at the hole.
 */
#include <liburing.h> /* missing?  make setup, or URING=no */

#include "ipc/linux/fdio.h"

/* What a completion is about; it comes back in its user_data. */
enum uring_kind { URING_READ, URING_WRITE, URING_CANCEL };

enum uring_list {
	URING_READY,  /* something to hand out, or a last word */
	URING_HUNGRY, /* has nothing: to be read */
	URING_HELD,   /* has messages that no chain has taken */
	URING_LISTS
};

/* One write: a message, or with collect several. */
struct uring_op {
	size_t   bytes;
	unsigned messages;
};

struct uring_end {
	struct fd_end     fd; /* first */
	unsigned          index; /* in the hub's table */
	bool              leaving;
	bool              file_fixed, buffer_fixed; /* registered */
	struct uring_end *after[URING_LISTS];
	bool              listed[URING_LISTS];
	/*
	 * Sending.  Messages are counted from the first; number n lies in
	 * slot n % slots.  done <= chained <= lent.
	 */
	uint64_t          lent;    /* committed */
	uint64_t          chained; /* given to a chain */
	uint64_t          done;    /* whole in the kernel's hands */
	size_t            part;    /* bytes of message `done` that are, too */
	size_t            limit;   /* most messages between done and lent */
	size_t            gather;  /* bytes of one write; 0: one message */
	size_t            group_bytes, group_messages; /* of the open one */
	size_t            groups;  /* closed ones that no chain has */
	size_t           *length;  /* of the message in each slot */
	struct iovec     *parts;   /* of a chain that gathers */
	struct uring_op  *ops;     /* of the chain */
	unsigned          op_count, in_flight;
	bool              cut;     /* the chain has a hole */
	bool              hole;    /* and waits to be started again */
	bool              may_cut; /* the chain could end at a full pipe */
	enum ipc_rc       lost;    /* sending failed, and why */
	struct ipc_err    send_err;
	/* receiving */
	bool              armed;
	bool              has_message; /* message links: one of this length */
	int64_t           message_len;
	uint64_t          served; /* messages since its turn began */
	enum ipc_rc       last;   /* its last word, not said yet */
	struct ipc_err    last_err;
	struct msghdr     how;    /* where empty messages count */
	struct iovec      where;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
};

struct uring_hub {
	struct ipc_hub     base;
	struct ipc_opts    opts;
	struct io_uring    ring;
	bool               defer;      /* nothing goes on without a call */
	bool               registered; /* there are tables to register in */
	bool               told;       /* that some buffers are not */
	unsigned           ends, ends_max;
	unsigned           readers;    /* ends whose last word is to come */
	unsigned           cancels;    /* that have not come back */
	struct uring_end **table;
	struct { struct uring_end *first, *last; } list[URING_LISTS];
};

static inline struct uring_hub *uring_hub_of(const struct uring_end *end)
{
	return (struct uring_hub *)end->fd.base.hub;
}

static inline uint64_t uring_about(const struct uring_end *end,
				   enum uring_kind kind, unsigned op)
{
	return (uint64_t)end->index << 32 | (uint64_t)kind << 16 | op;
}

static inline bool uring_sends_only(const struct uring_hub *hub,
				    const struct uring_end *end)
{
	return hub->ends == 1 && end->fd.rd < 0;
}

/* Lists are queues; an end is in each at most once. */
void uring_list(struct uring_end *end, enum uring_list which);
void uring_unlist(struct uring_end *end, enum uring_list which);

/* The ring. */
enum ipc_rc uring_probe(struct ipc_err *err);
enum ipc_rc uring_ring_open(struct uring_hub *hub, struct ipc_err *err);
void uring_ring_close(struct uring_hub *hub);
/* Register descriptor and buffers, as the knob says; and the opposite. */
enum ipc_rc uring_register(struct uring_end *end, struct ipc_err *err);
void uring_unregister(struct uring_end *end);
/* The next `count` entries will go to the kernel together. */
enum ipc_rc uring_make_room(struct uring_hub *hub, unsigned count);
/* What a prepared entry is about, and its descriptor if registered. */
void uring_label(struct uring_end *end, struct io_uring_sqe *sqe,
		 enum uring_kind kind, unsigned op);
/* Hand over what is prepared, without waiting. */
enum ipc_rc uring_submit(struct uring_hub *hub);
/* Deal with what has come back; how many there were. */
unsigned uring_reap(struct uring_hub *hub);
/* Everything held goes out, then at least `count` completions come in. */
enum ipc_rc uring_wait(struct uring_hub *hub, unsigned count);

/* Sending: the contract, the completions, the start of a chain. */
enum ipc_rc uring_make_out(struct uring_end *end, struct ipc_err *err);
void uring_drop_out(struct uring_end *end);
void *uring_reserve(struct ipc_end *base);
enum ipc_rc uring_commit(struct ipc_end *base, size_t len, unsigned flags);
enum ipc_rc uring_push(struct ipc_end *base);
enum ipc_rc uring_flush(struct ipc_end *base);
void uring_sent(struct uring_end *end, unsigned op, int result);
enum ipc_rc uring_start_held(struct uring_hub *hub);
/* How many messages may be accepted and not finished. */
size_t uring_limit(const struct ipc_opts *opts, bool message);

/* Receiving. */
int64_t uring_next(struct ipc_hub *base, struct ipc_end **from,
		   const void **data);
void uring_received(struct uring_end *end, int result);

#endif
