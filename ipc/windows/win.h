#ifndef IPC_WINDOWS_WIN_H
#define IPC_WINDOWS_WIN_H
/*
 * What the files of this folder share.  Nothing here was ever run on real
 * Windows: a comment says "seen under Wine 8" where behaviour was looked at,
 * "documented" or "as others report" where it was not.
 */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/ipc.h"
#include "ipc/opts.h"

enum { IPC_WIN_PATH_MAX = 1024 }; /* wide characters, the final 0 included */

static inline HANDLE ipc_win_handle(ipc_handle handle)
{
	return (HANDLE)handle;
}

static inline ipc_handle ipc_win_from(HANDLE handle)
{
	return (ipc_handle)handle; /* INVALID_HANDLE_VALUE is IPC_NO_HANDLE */
}

/* ---- text.c ---- */

/* UTF-8 to UTF-16; IPC_INVALID if it is no UTF-8 or does not fit. */
enum ipc_rc ipc_win_wide(const char *text, wchar_t *buf, size_t room,
			 struct ipc_err *err);
/* UTF-16 to UTF-8, cut to fit; always terminated. */
const char *ipc_win_narrow(const wchar_t *text, char *buf, size_t room);

/* "3f9c..." of count random bytes; buf holds 2 * count + 1. */
enum ipc_rc ipc_win_token(char *buf, size_t count, struct ipc_err *err);

/* Milliseconds for a wait, rounded up; INFINITE for UINT64_MAX. */
DWORD ipc_win_ms(uint64_t ns);

/* ---- console.c ---- */

/*
 * Set after a Ctrl-C until it is seen: what a wait for something else waits
 * for as well.  NULL if none is caught.
 */
HANDLE ipc_win_interrupt_event(void);
void   ipc_win_interrupt_seen(void);

/* ---- security.c ---- */

/*
 * What the security knob says; NULL is "private": access for the current user
 * and SYSTEM, and none from the network unless remote.  Free it with
 * ipc_win_security_free, which accepts zeroes.
 */
enum ipc_rc ipc_win_security(SECURITY_ATTRIBUTES *attributes, const char *knob,
			     bool remote, struct ipc_err *err);
void ipc_win_security_free(SECURITY_ATTRIBUTES *attributes);

/* ---- pipe.c: named pipe instances ---- */

struct ipc_win_pipe {
	wchar_t  path[IPC_NAME_MAX]; /* \\.\pipe\... */
	DWORD    access;             /* PIPE_ACCESS_*, as the server has it */
	DWORD    type;               /* PIPE_TYPE_*, PIPE_READMODE_* */
	DWORD    in, out;            /* quotas in bytes, seen from the server */
	DWORD    instances;
	DWORD    timeout_ms;         /* of who waits by default; 0: 50 ms */
	DWORD    flags;              /* FILE_FLAG_WRITE_THROUGH or 0 */
	DWORD    sqos;               /* of the client: SECURITY_* */
	DWORD    collect;            /* of a remote client, bytes; 0: as it is */
	bool     remote;             /* clients of other machines may come */
};

/* needs: IPC_CAP_ASYNC and IPC_CAP_POLL are looked at. */
HANDLE ipc_win_create(const struct ipc_win_pipe *pipe, unsigned needs,
		      bool first, SECURITY_ATTRIBUTES *attributes);
/* The client side of it, in the read mode of pipe->type. */
HANDLE ipc_win_open(const struct ipc_win_pipe *pipe, unsigned needs);
/*
 * Both sides at once, under a name nobody can guess; access is INBOUND, or
 * OUTBOUND.  near_side is the server.  pipe->path is filled in.
 */
enum ipc_rc ipc_win_pair(struct ipc_win_pipe *pipe, unsigned near_needs,
			 unsigned far_needs, HANDLE *near_side,
			 HANDLE *far_side, struct ipc_err *err);

/* ConnectNamedPipe with all its endings; works on every kind of handle. */
enum ipc_rc ipc_win_await_client(HANDLE server, unsigned needs,
				 const char *name, struct ipc_err *err);

/* ---- pair.c: links of anonymous pipes ---- */

/* One pipe and its two handles. */
typedef enum ipc_rc ipc_win_one_way(uint64_t buffer, unsigned reader_needs,
				    unsigned writer_needs, HANDLE *rd,
				    HANDLE *wr, struct ipc_err *err);
/* pair() of such a transport. */
enum ipc_rc ipc_win_pair_links(const struct ipc_opts *opts,
			       ipc_win_one_way *one_way, const char *name,
			       unsigned near_needs, unsigned far_needs,
			       struct ipc_link *near_side,
			       struct ipc_link *far_side, struct ipc_err *err);

/* ---- link.c ---- */

/* Fill caps and effective_bytes from what the system says about the handles. */
enum ipc_rc ipc_win_probe(struct ipc_link *link, struct ipc_err *err);
/* Quota in bytes of what a handle writes; SIZE_MAX if nobody tells. */
size_t ipc_win_write_quota(ipc_handle handle);
/* False for a handle that only looks like a pipe: a Unix one, under Wine. */
bool ipc_win_is_pipe(ipc_handle handle);
/* The buffer knob as a number for the system. */
DWORD ipc_win_quota(uint64_t knob);

#endif
