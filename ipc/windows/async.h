#ifndef IPC_WINDOWS_ASYNC_H
#define IPC_WINDOWS_ASYNC_H
/*
 * What overlapped, iocp and apc share: operations in flight on both sides of
 * an end, each side a ring in the order of issue.
 *
 * An engine may notice completions in any order (a later read can finish
 * inline while the packet of an earlier one is queued), so only the head of a
 * ring may speak: messages, errors and the end of the stream come in the order
 * of issue.  The engines differ in how they learn that something is done; that
 * is struct async_style.
 */
#include "ipc/inbox.h"
#include "ipc/windows/win.h"

struct async_end;
struct async_hub;

enum async_state { ASYNC_FREE, ASYNC_BUSY, ASYNC_DONE };

struct async_op {
	OVERLAPPED        ov; /* first: the system hands out its address */
	struct async_end *end;
	HANDLE            file;
	bool              write;
	enum async_state  state;
	char             *buf;
	DWORD             asked, got; /* bytes */
	DWORD             code;       /* once done: 0, or why not */
};

/* Numbers of operations; op k is ops[k % depth], take <= issue. */
struct async_ring {
	struct async_op *ops;
	size_t   depth;
	uint64_t issue, take;
	char    *base;    /* buffers, in rotation */
	size_t   buffers, stride;
};

struct async_end {
	struct ipc_end base; /* first: the contract's part */
	HANDLE rd, wr;       /* of base.link; NULL if it has none */
	bool   message;      /* reads see one message each */
	bool   empties;      /* messages of 0 bytes are sent */
	bool   finished;     /* its last word was said */
	bool   ready;        /* in the hub's list */
	struct async_end *next_ready, *next, **self; /* in the hub's lists */
	uint64_t turns;      /* messages since it came to the front */
	size_t size;         /* largest message */
	/* sending: the buffer of op out.issue holds `filled` bytes */
	struct async_ring out;
	size_t collect, filled;
	bool   holds;        /* messages wait there for more */
	char  *lent, *scratch;
	enum ipc_rc lost;    /* an earlier message failed: it stays so */
	/* receiving, one at a time: in place */
	struct ipc_inbox box;
	/* receiving, several: pieces of a message meet in stage */
	struct async_ring in;
	size_t head_off, head_cap;
	bool   failing;      /* a read has failed: issue no more */
	char  *stage;
	size_t staged;
};

struct async_style {
	const struct ipc_engine *engine;
	bool by_routine; /* ReadFileEx, WriteFileEx */
	/* Look at what happened; wait for something if patient. */
	enum ipc_rc (*look)(struct async_hub *, bool patient);
	/* Wait until op is done. */
	enum ipc_rc (*await)(struct async_hub *, struct async_op *);
	/* Tell the system about an end's handles. */
	enum ipc_rc (*bind)(struct async_hub *, struct async_end *,
			    struct ipc_err *);
};

struct async_hub {
	struct ipc_hub  base; /* first: the contract's part */
	const struct async_style *style;
	struct ipc_opts opts;
	unsigned        ends_room, ends, live; /* live: may still receive */
	struct async_end *all;
	struct async_end *ready_first, **ready_last;
	struct async_end *lender; /* of the loan that ends with this next */
	unsigned        holders;  /* ends that hold messages back */
	/* iocp */
	HANDLE           port;
	bool             skip;    /* no packet for what is done at once */
	OVERLAPPED_ENTRY *entries;
	/* overlapped */
	bool             events;  /* each op has an event */
};

/* ---- async_op.c ---- */

/* Begin; from here on op is the system's until it is ASYNC_DONE. */
void ipc_async_start(struct async_hub *hub, struct async_op *op, char *buf,
		     size_t bytes);
/* The system has said that it is done: fetch how it went. */
void ipc_async_finish(struct async_op *op);
/* With events a look at memory tells; else only look and await do. */
bool ipc_async_is_done(const struct async_hub *hub, struct async_op *op);
void ipc_async_make_ready(struct async_hub *hub, struct async_end *end);
/* A completion was noticed: if it is the head of a receiver, that is ready. */
void ipc_async_noticed(struct async_hub *hub, struct async_op *op);
enum ipc_rc ipc_async_make_ring(struct async_ring *ring, struct async_hub *hub,
				struct async_end *end, bool write,
				size_t depth, struct ipc_err *err);
void ipc_async_free_ring(struct async_ring *ring);

static inline struct async_op *ipc_async_head(const struct async_ring *ring)
{
	return &ring->ops[ring->take % ring->depth];
}

/* ---- async_send.c ---- */

enum ipc_rc ipc_async_make_out(struct async_hub *hub, struct async_end *end,
			       struct ipc_err *err);
void *ipc_async_reserve(struct ipc_end *base);
enum ipc_rc ipc_async_commit(struct ipc_end *base, size_t len, unsigned flags);
enum ipc_rc ipc_async_push(struct ipc_end *base);
enum ipc_rc ipc_async_flush(struct ipc_end *base);
/* No hub waits while one of its ends holds a message back. */
void ipc_async_push_all(struct async_hub *hub);

/* ---- async_receive.c ---- */

enum ipc_rc ipc_async_make_in(struct async_hub *hub, struct async_end *end,
			      struct ipc_err *err);
int64_t ipc_async_next(struct ipc_hub *base, struct ipc_end **from,
		       const void **data);

/* ---- async.c ---- */

enum ipc_rc ipc_async_open(const struct async_style *style,
			   const struct ipc_opts *opts, unsigned ends,
			   struct async_hub **out, struct ipc_err *err);
enum ipc_rc ipc_async_attach(struct ipc_hub *base, struct ipc_link *link,
			     void *user, struct ipc_end **out,
			     struct ipc_err *err);
void ipc_async_detach(struct ipc_end *base);
void ipc_async_close(struct ipc_hub *base);

/* What is the same in the descriptions of the three. */
#define IPC_ASYNC_ENGINE                                                       \
	.needs = IPC_CAP_ASYNC,                                                \
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_MANY,                \
	.attach = ipc_async_attach, .reserve = ipc_async_reserve,              \
	.commit = ipc_async_commit, .push = ipc_async_push,                    \
	.flush = ipc_async_flush, .next = ipc_async_next,                      \
	.detach = ipc_async_detach, .close = ipc_async_close
#define IPC_ASYNC_KNOBS "depth batch slots read-size read-buffer collect"

#endif
