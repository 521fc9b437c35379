#ifndef IPC_WINDOWS_ASK_H
#define IPC_WINDOWS_ASK_H
/*
 * The self-test's questions to Windows, and what they share.  They call the
 * system as it is: nothing of the transports and engines is in between.
 */
#include "ipc/selftest.h"
#include "ipc/windows/win.h"

struct ask_spec {
	DWORD          open;   /* flags beside PIPE_ACCESS_*; that 0: duplex */
	DWORD          type;   /* PIPE_TYPE_* and so on */
	DWORD          instances; /* 0: 1 */
	DWORD          quota;     /* both ways; 0: 4096 */
	DWORD          client;    /* FILE_FLAG_*, SECURITY_* */
	const wchar_t *sddl;      /* NULL: the system's default */
};

/* NULL where there is no handle. */
struct ask_pipe {
	wchar_t path[64];
	HANDLE  server, client;
};

/* A name that nobody has. */
void ask_new_name(struct ask_pipe *);
/* A code, or 0: the server alone, a client of it, and both. */
DWORD ask_server(const struct ask_spec *, struct ask_pipe *);
DWORD ask_client(const struct ask_spec *, struct ask_pipe *);
/* False: the answer says why there is no pipe to ask. */
bool ask_both(struct ipc_answer *, const struct ask_spec *, struct ask_pipe *);
void ask_close(HANDLE *);
void ask_done(struct ask_pipe *);

/* GetLastError() if it failed, else 0. */
static inline DWORD ask_code(BOOL done)
{
	return done ? 0 : GetLastError();
}
DWORD ask_write(HANDLE, const void *, DWORD size);
/* *got may be NULL. */
DWORD ask_read(HANDLE, void *, DWORD size, DWORD *got);

/* A call that may wait, in a thread of its own. */
struct ask_call {
	DWORD (*call)(HANDLE);
	HANDLE handle, thread, runs;
	DWORD  code; /* what call returned, once ask_ended */
};
/* Returns when the thread is about to make the call. */
bool ask_start(struct ipc_answer *, struct ask_call *, DWORD (*call)(HANDLE),
	       HANDLE);
bool ask_ended(struct ask_call *, DWORD ms);
/* Cancelled again and again until it ends; false: it never does. */
bool ask_cancel(struct ask_call *);
/* After it has ended, or been given up. */
void ask_forget(struct ask_call *);

/* The questions, by file; ask.c has the table. */
typedef void ask_fn(struct ipc_answer *);
/* ask_name.c */
ask_fn ask_first_instance, ask_first_when_full, ask_no_instances,
	ask_256_instances, ask_other_direction, ask_other_type,
	ask_unknown_mode, ask_one_too_many, ask_leaving_counts,
	ask_write_dac, ask_write_owner,
	ask_system_security, ask_byte_messages, ask_wait_for_nothing,
	ask_default_wait, ask_wait_server_gone, ask_attributes_consume,
	ask_list_pipes, ask_denied, ask_localhost, ask_inherit_list;
/* ask_state.c */
ask_fn ask_collect, ask_connected_first, ask_came_and_went,
	ask_end_of_file, ask_closed_peer, ask_disconnected, ask_kept,
	ask_client_disconnects, ask_flush_read_end, ask_flush_cancel,
	ask_flush_cancel_overlapped, ask_before_first_read,
	ask_anonymous, ask_identification, ask_impersonation;
/* ask_data.c */
ask_fn ask_quota_exact, ask_quota_over, ask_large_pends, ask_nowait,
	ask_empty_byte, ask_empty_message, ask_more_data, ask_zero_read,
	ask_skip_short, ask_routine_short, ask_client_quotas,
	ask_quota_pending, ask_peek_left, ask_transact_mode,
	ask_transact_unread, ask_largest;
/* ask_lock.c */
ask_fn ask_write_behind, ask_peek_behind, ask_duplicate_behind,
	ask_close_behind, ask_counter, ask_sleep, ask_cycles, ask_unix;

#endif
