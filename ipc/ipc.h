#ifndef IPC_IPC_H
#define IPC_IPC_H
/*
 * The contract of ipc/: how bytes move, without saying by what.
 *
 * A transport makes links, an engine moves messages on them.  One instance
 * of an engine is a hub; a link given to a hub becomes an end.  A hub and its
 * ends belong to the thread that opened the hub; there are no locks in here.
 *
 *     open hub -> attach ends -> { reserve, commit, push, flush, next }*
 *              -> detach ends -> close hub
 *
 * Sizes are bytes, times are nanoseconds, counts are counts.
 * Open, attach, detach and close may allocate and take their time.  Everything
 * between them is hot: no allocation, no stdio, no look at a configuration.
 * No hot call has a timeout: a trial that hangs is killed, with its process,
 * by the runner.  SIGPIPE must be ignored before the first attach.
 */
#include <stddef.h>
#include <stdint.h>

#include "ipc/err.h"

/* A descriptor on Linux, a HANDLE on Windows; -1 is neither. */
typedef intptr_t ipc_handle;
#define IPC_NO_HANDLE ((ipc_handle)-1)

/* Facts.  A link offers some, an engine needs some; the registry pairs them. */
enum ipc_cap {
	IPC_CAP_MESSAGE  = 1 << 0, /* link: the kernel keeps message boundaries */
	IPC_CAP_DUPLEX   = 1 << 1, /* link: both directions */
	IPC_CAP_ASYNC    = 1 << 2, /* link: handle opened for overlapped I/O */
	IPC_CAP_SYNC     = 1 << 3, /* link: handle usable by plain read and write */
	IPC_CAP_POLL     = 1 << 4, /* link: readiness can be awaited; on Windows,
				    * a call can return at once */
	IPC_CAP_PIPE     = 1 << 5, /* link: a real pipe, so pages can be spliced */
	IPC_CAP_EMPTY    = 1 << 6, /* link: a message of 0 bytes arrives as one */
	IPC_CAP_REST     = 1 << 7, /* link: a short read keeps the message's rest */
	IPC_CAP_MANY     = 1 << 8, /* engine: a hub may have several ends */
	IPC_CAP_SEND     = 1 << 9, /* engine: can send */
	IPC_CAP_RECEIVE  = 1 << 10, /* engine: can receive */
	IPC_CAP_OPAQUE   = 1 << 11, /* engine: what it receives cannot be looked at */
	IPC_CAP_NO_LINK  = 1 << 12, /* engine: moves nothing, needs no link */
	IPC_CAP_STREAM   = 1 << 13  /* link: a stream of bytes; a transport that
				     * gives this and MESSAGE asks the mode */
};

/*
 * Handles that a transport opened.  0 is a real descriptor: start from INIT.
 * rd and wr may be one handle (a socket, a duplex pipe); it is closed once.
 */
struct ipc_link {
	ipc_handle rd;                 /* IPC_NO_HANDLE if this side only writes */
	ipc_handle wr;                 /* IPC_NO_HANDLE if this side only reads */
	unsigned   caps;               /* enum ipc_cap, as probed */
	size_t     asked_bytes;        /* kernel buffer: what was asked for, */
	size_t     effective_bytes;    /* and what the system says it is; 0 unknown;
					* the receiving direction, or the only one */
	char       name[IPC_NAME_MAX]; /* for messages; UTF-8 */
};
#define IPC_LINK_INIT { .rd = IPC_NO_HANDLE, .wr = IPC_NO_HANDLE }

/* Close what is open, reset to INIT.  Harmless on INIT; never closes twice. */
void ipc_link_close(struct ipc_link *link);

/*
 * In a child: make a link of handles that it inherited (rd and wr may be one,
 * either may be IPC_NO_HANDLE).  Probes what they are: fills caps, effective
 * and name, and keeps them from being inherited further.  On failure they stay
 * the caller's.
 */
enum ipc_rc ipc_link_adopt(ipc_handle rd, ipc_handle wr, struct ipc_link *link,
			   struct ipc_err *err);
ipc_handle ipc_std_handle(int number); /* 0, 1 or 2 */

/*
 * Wait until the other side has read everything that was sent on link.
 * FlushFileBuffers on Windows; on Linux FIONREAD or SIOCOUTQ is polled every
 * poll_ns (0: at once, offering the CPU in between).  Flush the end first.
 * Waits for ever if nobody reads.  IPC_GONE if the reader left with data unread
 * (on Windows only while this call waits: the data is gone with its reader),
 * IPC_UNSUPPORTED if the system cannot tell.
 */
enum ipc_rc ipc_link_drain(const struct ipc_link *link, uint64_t poll_ns,
			   struct ipc_err *err);

/*
 * A server's question: who is the client?  Ask after a message of it has come.
 * On Windows this thread acts as the client for a moment: the text is the
 * level that the client allowed.  On Linux it is who opened the socket.
 * IPC_UNSUPPORTED if nobody can tell.
 */
enum ipc_rc ipc_link_peer(const struct ipc_link *link, char *text, size_t size,
			  struct ipc_err *err);

struct ipc_opts;     /* one field per row of ipc/opts.def */
struct ipc_listener; /* private to a transport */

/* Patience of a server with the client that it has let go. */
#define IPC_LEAVING_NS UINT64_C(5000000000)

/*
 * How links come to exist.  needs: IPC_CAP_* the new handle must offer.
 *
 * With IPC_CAP_DUPLEX among the needs a link carries both directions: a
 * transport whose object is one-way makes two of them, and rd and wr differ.
 * Without it the link is one-way: of a pair the near side receives and the far
 * side sends; by name opts->direction says whether the server receives
 * (inbound, auto) or sends (outbound).
 */
struct ipc_transport {
	const char *name;
	const char *summary;
	unsigned    gives; /* IPC_CAP_* that one of its objects can offer */
	const char *knobs; /* rows of opts.def it obeys, besides kind, mode,
			    * transport: "buffer name wait" */
	/* For --explain: the calls of pair, or of listen and accept; those of
	 * connect.  With the flags that matter. */
	const char *makes, *joins;

	/*
	 * Largest message it carries whole, in bytes; SIZE_MAX: no limit.
	 * What a byte link carries is a stream, so it has none.
	 */
	size_t (*message_max)(const struct ipc_opts *);

	/*
	 * Unnamed: both sides at once, in the process that will hand one of
	 * them (or both) to a child.  NULL if the transport goes by name.
	 */
	enum ipc_rc (*pair)(const struct ipc_opts *, unsigned near_needs,
			    unsigned far_needs, struct ipc_link *near_side,
			    struct ipc_link *far_side, struct ipc_err *);

	/*
	 * By name: NULL if the transport is unnamed.  IPC_BUSY if the name is
	 * taken.  accept waits for one client.  connect returns
	 * IPC_NOT_FOUND or IPC_BUSY at once; whoever wants to wait tries
	 * again.
	 */
	enum ipc_rc (*listen)(const char *name, const struct ipc_opts *,
			      unsigned needs, struct ipc_listener **,
			      struct ipc_err *);
	enum ipc_rc (*accept)(struct ipc_listener *, struct ipc_link *,
			      struct ipc_err *);
	enum ipc_rc (*connect)(const char *name, const struct ipc_opts *,
			       unsigned needs, struct ipc_link *,
			       struct ipc_err *);
	void (*unlisten)(struct ipc_listener *); /* NULL is fine; drops the name */

	/*
	 * Get ready for the next client.  With opts->reuse: let the last one
	 * go, whose link is closed already, and have its instance back; what
	 * it has not read is lost.  Without: make another instance, IPC_BUSY
	 * if there are as many as there may be; one counts until its client
	 * has closed, too, for which accept waits up to IPC_LEAVING_NS.
	 * accept does it too, but who has called this once
	 * does it every time.  NULL where a listener takes one client after
	 * the other as it is.
	 */
	enum ipc_rc (*renew)(struct ipc_listener *, struct ipc_err *);

	/*
	 * After connect has said IPC_BUSY: wait until it may succeed, at most
	 * timeout_ns (0: the time that the server has set), else IPC_TIMEOUT.
	 * A hint, since others may be faster; IPC_NOT_FOUND if the server has
	 * gone.  NULL if the system cannot: sleep a little instead.
	 */
	enum ipc_rc (*wait)(const char *name, const struct ipc_opts *,
			    uint64_t timeout_ns, struct ipc_err *);

	/*
	 * Connect, send a message, receive its reply of at most room bytes,
	 * close: in one call of the system.  IPC_NOT_FOUND or IPC_BUSY as
	 * connect.  NULL if the system has none.
	 */
	enum ipc_rc (*call)(const char *name, const struct ipc_opts *,
			    const void *message, size_t len, void *reply,
			    size_t room, size_t *got, struct ipc_err *);
};

/* What was done, in counts; read it after the run. */
struct ipc_tally {
	uint64_t messages;
	uint64_t ops;          /* transfers asked for: a read, a write, an SQE */
	uint64_t calls;        /* entries into the kernel to ask for them */
	uint64_t partials;     /* transfers the kernel cut short */
	uint64_t retries;      /* would-block answers, broken chains, no buffers */
	uint64_t copied_bytes; /* copied by the engine, not by the kernel */
	uint64_t in_flight_max; /* most operations that the kernel had at once */
};

/* One instance of an engine.  An engine embeds it as its first member. */
struct ipc_hub {
	const struct ipc_engine *engine;
	struct ipc_err           err;     /* why the hub itself failed */
	uint64_t                 waits;   /* calls that wait, or submit and wait */
	char                     how[96]; /* what it became: "defer, chain, ..." */
};

/* One open side of a link, inside a hub.  An engine embeds it likewise. */
struct ipc_end {
	struct ipc_hub  *hub;
	void            *user; /* the caller's, untouched */
	struct ipc_link  link; /* owned by the end */
	struct ipc_err   err;  /* why the last call about this end failed */
	/*
	 * Byte links: length of the next message to receive, 1..opts.size; the
	 * caller sets it before next, both sides know it.  Constant in the
	 * loops for one size.  Message links do not look at it.
	 */
	size_t           want;
	struct ipc_tally in, out;
};

/* commit: another call on this hub follows at once, so this may be held. */
#define IPC_MORE 1u

struct ipc_engine {
	const char *name;
	const char *summary;
	unsigned    needs; /* IPC_CAP_* a link must offer */
	unsigned    gives; /* IPC_CAP_* this engine adds */
	unsigned    ends_max; /* ends in one hub; 1 where it is bound to its link */
	const char *knobs; /* rows of opts.def it obeys: "slots read-size" */
	/* For --explain: the calls that move a message, NULL for none. */
	const char *sends, *receives;

	/*
	 * Is it there on this machine?  IPC_UNSUPPORTED with the reason if
	 * not.  NULL if it always is.
	 */
	enum ipc_rc (*probe)(struct ipc_err *);

	/*
	 * Make a hub for at most ends ends.  Call it in the process and on
	 * the thread that will run the loop: a ring is bound to its
	 * creator.  IPC_UNSUPPORTED if the kernel refuses; nothing weaker is
	 * used silently.
	 */
	enum ipc_rc (*open)(const struct ipc_opts *, unsigned ends,
			    struct ipc_hub **, struct ipc_err *);

	/*
	 * Give a link to the hub.  On success *link moves into the end and is
	 * left as INIT; on failure it stays the caller's.  All buffers of the
	 * end are allocated, zeroed and touched here.
	 */
	enum ipc_rc (*attach)(struct ipc_hub *, struct ipc_link *link, void *user,
			      struct ipc_end **, struct ipc_err *);

	/*
	 * Lend the next send buffer: opts.size bytes, aligned to 64, and to
	 * the page from one page up.  It is the caller's until commit and
	 * holds what the caller last wrote into it, or zeros; nobody else
	 * writes to it.
	 *
	 * Asking twice lends the same buffer.  May wait for an earlier
	 * send.  NULL on failure: see end->err.
	 */
	void *(*reserve)(struct ipc_end *);

	/*
	 * Send the first len bytes of the lent buffer as one message.  From
	 * here to its next reserve the buffer is the engine's.  len is
	 * at most opts.size; 0 needs IPC_CAP_EMPTY.
	 *
	 * Without IPC_MORE the message needs no further call: it reaches
	 * the kernel by itself, however long the caller stays away.  With
	 * it, it may be held until opts.batch messages or opts.collect bytes
	 * are together, or until push, flush, a commit without IPC_MORE, or
	 * a call that has to wait: no hub ever waits while any of its ends
	 * holds a message back.
	 *
	 * May wait, and does not read while it waits: two sides that both
	 * stream and never call next can block each other.
	 *
	 * A failure may be that of an earlier message.  IPC_GONE: peer has
	 * left.
	 */
	enum ipc_rc (*commit)(struct ipc_end *, size_t len, unsigned flags);

	/* Release what is held back; it needs no further call.  May wait. */
	enum ipc_rc (*push)(struct ipc_end *);

	/*
	 * Return once every committed message is in the kernel's hands, that
	 * is, would survive this process.  Not that it was read:
	 * ipc_link_drain.
	 */
	enum ipc_rc (*flush)(struct ipc_end *);

	/*
	 * Wait for one whole message on any end of the hub.  Returns its
	 * length in bytes, 0 included, sets *from, and lends *data until the
	 * following next on this hub or detach of that end; reserve, commit,
	 * push and flush leave it valid.  Per end the order is that of the
	 * sender's commits.  No end starves: after opts.batch messages of
	 * one, a ready other has a turn.
	 *
	 * Negative with *from set: that end has nothing more to receive, and
	 * this is said once.  IPC_EOF: the peer closed between two messages,
	 * or died there; only a last message of the caller's own can tell
	 * which.  IPC_GONE: it left in the middle of one.  Else see
	 * (*from)->err.  The other ends go on, and this one may still send.
	 *
	 * Negative with *from NULL: the hub failed (hub->err), or,
	 * IPC_INVALID, no end is left to receive from.
	 */
	int64_t (*next)(struct ipc_hub *, struct ipc_end **from,
			const void **data);

	/*
	 * Cancel what is in flight, wait until the kernel has let go of
	 * every buffer and every reference to the link, then close and
	 * free.  Messages not flushed may be lost.  NULL is fine.  Without it,
	 * with a ring, the peer sees the end only tens of milliseconds after
	 * this process is gone.
	 */
	void (*detach)(struct ipc_end *);

	void (*close)(struct ipc_hub *); /* detaches what is left; NULL is fine */
};

#endif
