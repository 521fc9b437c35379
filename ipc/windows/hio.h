#ifndef IPC_WINDOWS_HIO_H
#define IPC_WINDOWS_HIO_H
/*
 * One end driven by ReadFile and WriteFile on synchronous handles: blocking
 * and nowait.  They differ in what they do when a pipe is not ready.
 *
 * Windows does one operation at a time on such a handle, whoever asks, even
 * CloseHandle waits; so one thread, and one direction at a time.  (Wine 8 does
 * not: nothing here can be shown wrong by testing under it.)
 */
#include "ipc/inbox.h"
#include "ipc/windows/win.h"

struct hio_end {
	struct ipc_end base; /* first: the contract's part */
	HANDLE  rd, wr;      /* of base.link; NULL if it has none */
	bool    message;     /* reads see one message each */
	bool    empties;     /* messages of 0 bytes are sent */
	bool    foreign;     /* no Windows pipe: a read of 0 bytes is the end */
	bool    finished;    /* its last word was said */
	bool    polls;       /* PIPE_NOWAIT */
	bool    transacts;   /* what is held goes with the next read */
	bool    rd_changed, wr_changed; /* wait mode, to be restored */
	size_t  size;        /* largest message */
	size_t  piece;       /* most of a message that one read asks for */
	uint64_t poll_ns;    /* IPC_POLL_SPIN, IPC_POLL_YIELD, a time */
	struct ipc_inbox in;
	/* sending: slots in rotation, and what waits for push */
	char   *out;
	size_t  out_stride, out_slots, out_slot;
	size_t  collect;     /* bytes of one gathered write; 0: none is */
	char   *stage;       /* where messages meet that do not lie together */
	size_t  stage_bytes;
	char   *held;        /* held_bytes that wait, in slots or in stage */
	size_t  held_bytes, held_messages;
};

/* Everything an end needs; takes the link over on success. */
enum ipc_rc ipc_hio_make(struct hio_end *end, struct ipc_hub *hub,
			 const struct ipc_opts *opts, bool polls,
			 struct ipc_link *link, void *user,
			 struct ipc_err *err);
/* Restore the wait mode, close, free what make has allocated. */
void ipc_hio_drop(struct hio_end *end);

/* The contract's sending half. */
void *ipc_hio_reserve(struct ipc_end *base);
enum ipc_rc ipc_hio_commit(struct ipc_end *base, size_t len, unsigned flags);
enum ipc_rc ipc_hio_push(struct ipc_end *base);

/*
 * One read, where the inbox wants it or, on a message link, a whole message.
 * IPC_OK: something came; a message then is *data of *len bytes.
 * IPC_TIMEOUT: nothing is there.  Else the end's last word; it is finished.
 */
enum ipc_rc ipc_hio_read(struct hio_end *end, const void **data, int64_t *len);

/* What to do while a pipe is not ready. */
void ipc_hio_idle(const struct hio_end *end);

#endif
