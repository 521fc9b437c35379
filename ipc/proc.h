#ifndef IPC_PROC_H
#define IPC_PROC_H
/*
 * Child processes and the private channel between a runner and its children.
 *
 * A child inherits its three standard handles and the handles it was given,
 * nothing else, and dies with the runner: by the kernel (parent-death signal,
 * job object) and, whatever happened to that, when the channel closes.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/ipc.h"
#include "ipc/lines.h"

struct ipc_proc {
	uint64_t id;     /* the system's process id; 0: none */
	intptr_t handle; /* private */
	bool     reaped;
};

struct ipc_spawn {
	const char        *path;    /* UTF-8 */
	const char *const *argv;    /* argv[0] included, ended by NULL; UTF-8 */
	ipc_handle         std_in;  /* IPC_NO_HANDLE: the null device */
	ipc_handle         std_out; /* IPC_NO_HANDLE: the null device */
	ipc_handle         std_err; /* IPC_NO_HANDLE: shared with this process */
	const ipc_handle  *inherit; /* handed over under their own numbers */
	size_t             inherit_count;
	const char        *const *prefix; /* command in front, or NULL */
};

/* How a process ended. */
struct ipc_exit {
	bool killed; /* by a signal, or by ipc_proc_kill */
	int  code;   /* exit status, or the signal's number */
};

enum ipc_rc ipc_spawn(const struct ipc_spawn *how, struct ipc_proc *proc,
		      struct ipc_err *err);
/* IPC_TIMEOUT if it still runs after timeout_ns; 0 only looks. */
enum ipc_rc ipc_proc_wait(struct ipc_proc *proc, uint64_t timeout_ns,
			  struct ipc_exit *how, struct ipc_err *err);
/* Kill and reap; returns when it is gone.  Harmless on one that ended. */
void ipc_proc_kill(struct ipc_proc *proc);

/* A child calls it first of all, see above. */
void ipc_die_with_parent(void);

/*
 * The control channel: lines of text, both directions, its own handles.  The
 * runner keeps one side and hands the other to the child by inheritance, as
 * text ("3,4").
 */
struct ipc_channel {
	ipc_handle rd, wr;
	bool       open, eof;
	struct ipc_lines lines; /* what came and was not taken yet */
	void      *system;      /* private to ipc/<os>/channel.c */
};

/*
 * child[0] is the child's read handle, child[1] its write handle; both are
 * inheritable by ipc_spawn only, and the runner closes them with
 * ipc_handle_close after it.
 */
enum ipc_rc ipc_channel_pair(struct ipc_channel *mine, ipc_handle child[2],
			     struct ipc_err *err);
/* In the child: take the two handles over. */
enum ipc_rc ipc_channel_open(struct ipc_channel *mine, ipc_handle rd,
			     ipc_handle wr, struct ipc_err *err);
void ipc_channel_close(struct ipc_channel *); /* harmless when zeroed */

/* All of text, which ends in a newline.  IPC_GONE if nobody listens. */
enum ipc_rc ipc_channel_send(struct ipc_channel *, const char *text,
			     size_t size, struct ipc_err *err);
/*
 * The next line, without its newline, valid until the next call on this
 * channel.  IPC_TIMEOUT if none came within timeout_ns (UINT64_MAX: wait for
 * ever), IPC_EOF if the other side is gone.
 */
enum ipc_rc ipc_channel_line(struct ipc_channel *, uint64_t timeout_ns,
			     char **line, struct ipc_err *err);
/*
 * Wait until one of the channels has a line or its end; *which is its index.
 * IPC_TIMEOUT if none had.  Also returns (IPC_TIMEOUT) early, after a Ctrl-C.
 */
enum ipc_rc ipc_channel_wait(struct ipc_channel *const *set, size_t count,
			     uint64_t timeout_ns, size_t *which,
			     struct ipc_err *err);

/*
 * From here on the next line that comes sets *asked, and the other side's end
 * ends this process with status 4; no other call on the channel but send may
 * follow.  Costs the loops nothing: on Linux no thread is started for it,
 * since a second thread makes every system call of the first one count
 * references (15 % of a 64-byte write, measured).  One channel a process.
 */
enum ipc_rc ipc_channel_watch(struct ipc_channel *, atomic_bool *asked,
			      struct ipc_err *err);

void ipc_handle_close(ipc_handle handle);      /* IPC_NO_HANDLE is fine */
enum ipc_rc ipc_handle_parse(const char *text, ipc_handle *out);

/* A thread that runs body(arg) until the process ends; nobody joins it. */
enum ipc_rc ipc_thread_start(void (*body)(void *), void *arg,
			     struct ipc_err *err);

/* A counting semaphore for the threads of one process; it starts at 0. */
struct ipc_sem;
enum ipc_rc ipc_sem_new(struct ipc_sem **out, struct ipc_err *err);
void ipc_sem_post(struct ipc_sem *sem);
void ipc_sem_wait(struct ipc_sem *sem);
void ipc_sem_free(struct ipc_sem *sem); /* NULL is fine; nobody waits */

/* From here on Ctrl-C (and SIGTERM) only sets a flag; a second one kills. */
void ipc_interrupt_catch(void);
bool ipc_interrupted(void);
/* In a child: leave Ctrl-C to the runner. */
void ipc_interrupt_ignore(void);

/* What this process has cost so far. */
struct ipc_usage {
	uint64_t cpu_user_ns, cpu_sys_ns;
	uint64_t vol_switches, invol_switches; /* IPC_UNKNOWN where untold */
	uint64_t faults;                       /* major and minor */
	uint64_t resident_max_bytes;
};
#define IPC_UNKNOWN UINT64_MAX
void ipc_usage_now(struct ipc_usage *usage);

uint64_t ipc_process_id(void);
/* Folder of the running program, without a slash at the end. */
enum ipc_rc ipc_program_folder(char *buf, size_t size, struct ipc_err *err);

#endif
