#ifndef IPC_MEDDLE_H
#define IPC_MEDDLE_H
/*
 * What stress does to processes and links, and what it asks about them: stop
 * and go on, interrupt, count handles, say what a hanging one waits for.
 */
#include <stddef.h>
#include <stdint.h>

#include "ipc/proc.h"

/* All threads of a child stand still, until they may go on. */
enum ipc_rc ipc_proc_pause(const struct ipc_proc *proc, struct ipc_err *err);
enum ipc_rc ipc_proc_go_on(const struct ipc_proc *proc, struct ipc_err *err);

/* Kill without reaping: ipc_proc_wait tells how it ended. */
void ipc_proc_shoot(const struct ipc_proc *proc);

/*
 * Interrupt the system call that a child is in.  The child must have called
 * ipc_poke_catch before, or it dies of it.  IPC_UNSUPPORTED where no call can
 * be interrupted from outside.
 */
enum ipc_rc ipc_proc_poke(const struct ipc_proc *proc, struct ipc_err *err);
void ipc_poke_catch(void);
uint64_t ipc_poke_count(void); /* pokes that this process felt */

/* So many bytes of a child's memory, as it is right now. */
enum ipc_rc ipc_proc_read(const struct ipc_proc *proc, uint64_t address,
			  void *buf, size_t bytes, struct ipc_err *err);

/* Handles that this process has open; IPC_UNKNOWN where untold. */
uint64_t ipc_handle_count(void);
/* From here on this process may have so many handles, no more. */
enum ipc_rc ipc_limit_handles(uint64_t most, struct ipc_err *err);
/* Address space, bytes more than it has now; UINT64_MAX: no limit. */
enum ipc_rc ipc_limit_memory(uint64_t more, struct ipc_err *err);
/*
 * No file of this process may grow beyond so many bytes: a write then fails,
 * as on a full disk.  UINT64_MAX: no limit.
 */
enum ipc_rc ipc_limit_file(uint64_t most, struct ipc_err *err);

/* Another kernel buffer for a link in use.  IPC_UNSUPPORTED where none can. */
enum ipc_rc ipc_link_resize(const struct ipc_link *link, size_t bytes,
			    struct ipc_err *err);

/*
 * What a child does right now, in lines of text: its state, what it waits in,
 * how much lies unread in its pipes.  As much as this system tells.
 */
typedef void ipc_line_fn(void *user, const char *line);
void ipc_proc_diagnose(const struct ipc_proc *proc, ipc_line_fn *tell,
		       void *user);

#endif
