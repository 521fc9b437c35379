#ifndef FDIO_H
#define FDIO_H
/*
 * One end driven by read and write: what blocking, nowait and epoll share.
 * They differ in what they do when a descriptor is not ready.
 */
#include <sys/uio.h>

#include "ipc/inbox.h"
#include "ipc/linux/linux.h"

/* What is done while a descriptor is not ready. */
enum fd_mode {
	FD_BLOCKING, /* the call waits in the kernel */
	FD_NOWAIT,   /* the knob poll says */
	FD_READY,    /* poll(2), and the engine waits for input itself */
	FD_RING      /* io_uring transfers and waits */
};

struct fd_end {
	struct ipc_end base; /* first: the contract's part */
	/* all that the usual message needs, in one place of memory */
	int     rd, wr;      /* of base.link; -1 if it has none */
	bool    whole;       /* next: a message, a read, always this buffer */
	bool    message;     /* the kernel keeps boundaries */
	bool    socket;
	bool    empties;     /* a read of 0 may be a message */
	bool    finished;    /* its last word was said */
	bool    reset;       /* the peer left something of ours unread */
	size_t  whole_max;   /* commit: a write likewise, up to so long; or 0 */
	char   *lent;        /* sending: the slot that is next */
	struct ipc_inbox in;
	size_t  size;        /* largest message */
	/* sending: slots in rotation, and those that wait for push */
	char   *out;
	size_t  out_stride, out_slots, out_slot;
	size_t  collect;     /* bytes of one gathered write; 0: none is */
	struct iovec *held;  /* messages that lie side by side are one */
	size_t  held_parts, held_messages, held_bytes;
	enum ipc_rc lost;    /* why a gathered write failed: it stays failed */
	uint64_t poll_ns;    /* nowait: IPC_POLL_SPIN, IPC_POLL_YIELD, a time */
	enum fd_mode mode;
	/* before it waits to send: other ends may hold messages back */
	void  (*before_wait)(struct fd_end *);
	int     rd_flags, wr_flags; /* before attach; -1: untouched */
};

/* Everything an end needs; takes the link over on success. */
enum ipc_rc fd_end_make(struct fd_end *end, struct ipc_hub *hub,
			const struct ipc_opts *opts, enum fd_mode mode,
			struct ipc_link *link, void *user,
			struct ipc_err *err);
/* Restore the descriptors' flags, close, free what make has allocated. */
void fd_end_drop(struct fd_end *end);

/* The contract's sending half. */
void *fd_reserve(struct ipc_end *base);
enum ipc_rc fd_commit(struct ipc_end *base, size_t len, unsigned flags);
enum ipc_rc fd_push(struct ipc_end *base);

/*
 * One read, where the inbox wants it or, on a message link, a whole message.
 * IPC_OK: something came; a message then is *data of *len bytes.
 * IPC_TIMEOUT: nothing is there.  Else the end's last word; it is finished.
 */
enum ipc_rc fd_read(struct fd_end *end, const void **data, int64_t *len);

/*
 * The same on a byte link, after a direct_read of `ask` bytes into the inbox
 * that has returned `got`: if that is nothing yet, it reads again.
 */
enum ipc_rc fd_read_rest(struct fd_end *end, size_t ask, ssize_t got);

/*
 * For an engine with transfers of its own: what a read that brought nothing,
 * or too much, means; after fd_read_failed (errno says why) IPC_OK and
 * IPC_TIMEOUT are to read again.  fd_refuse_length is commit's.
 */
enum ipc_rc fd_end_of_stream(struct fd_end *end);
enum ipc_rc fd_read_failed(struct fd_end *end, const char *op);
enum ipc_rc fd_too_long(struct fd_end *end, size_t got);
enum ipc_rc fd_refuse_length(struct fd_end *end, size_t len);

/* What to do while a descriptor is not ready. */
void fd_idle(struct fd_end *end, int fd, short events);

#endif
