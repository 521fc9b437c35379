#ifndef LINUX_H
#define LINUX_H
/* What the files of ipc/linux share with each other and with nobody else. */
#include <stdbool.h>
#include <stddef.h>

#include "ipc/err.h"

/* close, unless fd is negative; keeps errno, so that a failure survives it. */
void lx_close(int fd);

/* Set or clear FD_CLOEXEC. */
enum ipc_rc lx_cloexec(int fd, bool on, struct ipc_err *err);

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

/* Server: make it, or take over what a dead one left.  IPC_BUSY if taken. */
enum ipc_rc lx_folder_make(const char *name, struct lx_folder *folder,
			   struct ipc_err *err);
/* Client: look for it; owner and mode are checked.  IPC_NOT_FOUND. */
enum ipc_rc lx_folder_find(const char *name, struct lx_folder *folder,
			   struct ipc_err *err);
/* Remove folder and files, give up the lock.  Harmless if it has none. */
void lx_folder_drop(struct lx_folder *folder);

/* The files that a folder may hold. */
#define LX_FILE_IN   "in"   /* FIFO that the server reads */
#define LX_FILE_OUT  "out"  /* FIFO that the server writes */
#define LX_FILE_SOCK "sock" /* socket that the server listens on */
enum { LX_FILE_PATH_MAX = LX_PATH_MAX + 8 };
const char *lx_folder_file(const struct lx_folder *folder, const char *file,
			   char buf[LX_FILE_PATH_MAX]);

/*
 * Remove all folders that this process has made.  For signal handlers: it
 * makes system calls only.
 */
void lx_folders_sweep(void);

#endif
