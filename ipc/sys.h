#ifndef IPC_SYS_H
#define IPC_SYS_H
/* The machine and the surroundings: CPUs, names, files, facts. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ipc/err.h"

/* CPUs this process may run on: their numbers, ascending; returns how many. */
size_t ipc_cpus(unsigned *list, size_t room);
enum ipc_rc ipc_pin(unsigned cpu, struct ipc_err *err); /* calling thread */
int  ipc_current_cpu(void);                             /* -1 if untold */
/* "normal", "high", "fifo:N". */
enum ipc_rc ipc_set_priority(const char *priority, struct ipc_err *err);
void ipc_yield(void);

/* Unguessable: from the system's random source. */
enum ipc_rc ipc_random(void *buf, size_t size, struct ipc_err *err);

/*
 * Names of named transports.  A short name ("42-9f31...") stands for
 * \\.\pipe\pipemark-NAME on Windows, and for a folder of its own, mode 0700,
 * in the temporary folder on Linux.  A user may write such a name too.
 * ipc_name_new makes an unguessable one; nothing exists yet.
 * ipc_name_sweep removes what a killed server has left behind; harmless if
 * there is nothing.
 */
enum ipc_rc ipc_name_new(char *buf, size_t size, struct ipc_err *err);
void ipc_name_sweep(const char *name);

/*
 * What can be connected to by name on this machine, whoever made it: pipes on
 * Windows, listening UNIX sockets on Linux.  IPC_UNSUPPORTED where nobody can
 * tell.
 */
typedef void ipc_live_fn(void *user, const char *kind, const char *name);
enum ipc_rc ipc_live_pipes(ipc_live_fn *tell, void *user, struct ipc_err *err);

/* "wine 8.0" where this runs under Wine, else NULL. */
const char *ipc_wine(void);
/* Short host name for file names; never empty. */
const char *ipc_node_name(char *buf, size_t size);

/*
 * Facts about the machine, in a fixed order.  value is NULL where it is not
 * known, and why then says "absent", "denied", "unsupported" or "error".
 * Static facts once a run; moving ones (load, steal, ...) at any time.
 */
typedef void ipc_fact_fn(void *user, const char *key, const char *value,
			 const char *why, const char *source);
void ipc_facts(ipc_fact_fn *tell, void *user);
void ipc_facts_moving(ipc_fact_fn *tell, void *user);

/* A stream's terminal: width in columns, 0 if it is none. */
unsigned ipc_terminal_width(FILE *stream);
/* Whether it obeys escape sequences; a Windows console is told to. */
bool ipc_terminal_styles(FILE *stream);
/* Bytes out as they are, no newline translation, and UTF-8 arguments. */
void ipc_program_start(int *argc, char ***argv);

/*
 * Make a file for writing; IPC_BUSY if it exists.  UTF-8 path.  Modes are "rb",
 * "r+b" and "wb"; what is open for writing has one writer, and is IPC_BUSY to
 * the next.
 */
FILE *ipc_file_create(const char *path, struct ipc_err *err);
FILE *ipc_file_open(const char *path, const char *mode, struct ipc_err *err);
enum ipc_rc ipc_file_truncate(FILE *file, uint64_t size, struct ipc_err *err);
void ipc_file_remove(const char *path); /* harmless if it is not there */

/*
 * Replace this process by pipemark-NAME from folder, or run it and take its
 * exit status.  Returns only if there is no such program (IPC_NOT_FOUND) or it cannot be run.
 */
enum ipc_rc ipc_become(const char *folder, const char *name, char **argv,
		       int *status, struct ipc_err *err);

#endif
