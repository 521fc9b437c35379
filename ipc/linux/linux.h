#ifndef LINUX_H
#define LINUX_H
/* What the files of ipc/linux share with each other and with nobody else. */
#include <stdbool.h>
#include <stddef.h>

#include "ipc/ipc.h"
#include "ipc/opts.h"

/* close, unless fd is negative; keeps errno, so that a failure survives it. */
void lx_close(int fd);

/* Set or clear FD_CLOEXEC. */
enum ipc_rc lx_cloexec(int fd, bool on, struct ipc_err *err);

/* O_NONBLOCK on or off; *before gets the old flags if it is not NULL. */
enum ipc_rc lx_nonblock(int fd, bool on, int *before, struct ipc_err *err);

/* What every descriptor of a link offers. */
#define LX_CAPS (IPC_CAP_SYNC | IPC_CAP_POLL)

/*
 * Ask for a buffer (IPC_BUFFER_OS: leave it) and return what it became, in
 * bytes; 0 if the system does not say.
 */
size_t lx_pipe_buffer(int fd, uint64_t asked);
size_t lx_socket_buffer(int fd, uint64_t asked);
static inline size_t lx_asked(uint64_t buffer)
{
	return buffer == IPC_BUFFER_OS ? 0 : (size_t)buffer;
}

size_t lx_no_limit(const struct ipc_opts *opts); /* a message_max */

/* The largest message of a seqpacket socket whose buffers are these. */
size_t lx_seqpacket_max(const struct ipc_opts *opts);

/* pair of a transport made of pipe2(flags); caps are what its links offer. */
enum ipc_rc lx_pipe_pair(const char *name, int flags, unsigned caps,
			 const struct ipc_opts *opts, unsigned needs,
			 struct ipc_link *near_side, struct ipc_link *far_side,
			 struct ipc_err *err);

/* The same of one made of socketpair(AF_UNIX, type). */
enum ipc_rc lx_socket_pair(const char *name, int type, unsigned caps,
			   const struct ipc_opts *opts, unsigned needs,
			   struct ipc_link *near_side,
			   struct ipc_link *far_side, struct ipc_err *err);

/* A socket that has a name: see struct ipc_transport. */
enum ipc_rc lx_socket_listen(const char *name, int type, unsigned caps,
			     const struct ipc_opts *opts, unsigned needs,
			     struct ipc_listener **out, struct ipc_err *err);
enum ipc_rc lx_socket_accept(struct ipc_listener *listener,
			     struct ipc_link *link, struct ipc_err *err);
enum ipc_rc lx_socket_connect(const char *name, int type, unsigned caps,
			      const struct ipc_opts *opts, unsigned needs,
			      struct ipc_link *link, struct ipc_err *err);
void lx_socket_unlisten(struct ipc_listener *listener);

/*
 * How a wait for something else learns of a Ctrl-C: readable after each
 * signal until it is seen; -1 if none is caught.
 */
int  lx_interrupt_fd(void);
void lx_interrupt_seen(void);

/*
 * The private folder of a short name.  It is locked as long as its server
 * lives: a folder whose lock is free belongs to nobody and may be swept.
 */
enum { LX_PATH_MAX = 100 }; /* with a file in it, it fits a socket address */

struct lx_folder {
	char path[LX_PATH_MAX];
	int  lock; /* -1: none */
};

/*
 * Who may open a named link, as mode bits of its file.  Whoever may must also
 * be able to pass the folder.
 */
unsigned lx_file_mode(const struct ipc_opts *opts);
/* Server: make it, or take over what a dead one left.  IPC_BUSY if taken. */
enum ipc_rc lx_folder_make(const char *name, unsigned file_mode,
			   struct lx_folder *folder, struct ipc_err *err);
/* Client: look for it; owner and mode are checked.  IPC_NOT_FOUND. */
enum ipc_rc lx_folder_find(const char *name, struct lx_folder *folder,
			   struct ipc_err *err);
/* Remove folder and files, give up the lock.  Harmless if it has none. */
void lx_folder_drop(struct lx_folder *folder);

/* The files that a folder may hold. */
#define LX_FILE_IN   "in"   /* FIFO that the server reads */
#define LX_FILE_OUT  "out"  /* FIFO that the server writes */
#define LX_FILE_SOCK "sock" /* socket that the server listens on */
#define LX_FILE_NEW  "new"  /* one of them, while it is not ready */
enum { LX_FILE_PATH_MAX = LX_PATH_MAX + 8 };
const char *lx_folder_file(const struct lx_folder *folder, const char *file,
			   char buf[LX_FILE_PATH_MAX]);

/*
 * Remove all folders that this process has made.  For signal handlers: it
 * makes system calls only.
 */
void lx_folders_sweep(void);

#endif
