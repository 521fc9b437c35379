/* Named pipes: byte or message type, one-way or duplex. */
#include "ipc/windows/win.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/list.h"

#define LOOK_NS    UINT64_C(500000)

struct ipc_listener {
	struct ipc_win_pipe pipe;
	struct ipc_opts     opts;
	unsigned            needs;
	HANDLE              next; /* listens; INVALID_HANDLE_VALUE: not made */
	bool                renewed; /* the caller makes the next one */
	SECURITY_ATTRIBUTES security;
	char                name[IPC_NAME_MAX];
};

static size_t no_limit(const struct ipc_opts *opts)
{
	(void)opts;
	return SIZE_MAX; /* what the kernel's pool holds */
}

static bool reads_messages(const struct ipc_opts *opts)
{
	return opts->mode == IPC_MODE_MESSAGE &&
	       opts->read_mode == IPC_MODE_MESSAGE;
}

static DWORD type_of(const struct ipc_opts *opts)
{
	DWORD type = opts->mode == IPC_MODE_MESSAGE ? PIPE_TYPE_MESSAGE
						    : PIPE_TYPE_BYTE;

	return type | (reads_messages(opts) ? PIPE_READMODE_MESSAGE
					    : PIPE_READMODE_BYTE);
}

static DWORD access_of(const struct ipc_opts *opts, unsigned needs)
{
	if (needs & IPC_CAP_DUPLEX || opts->direction == IPC_DIRECTION_DUPLEX)
		return PIPE_ACCESS_DUPLEX;
	return opts->direction == IPC_DIRECTION_OUTBOUND ? PIPE_ACCESS_OUTBOUND
							 : PIPE_ACCESS_INBOUND;
}

static bool is_remote(const struct ipc_opts *opts)
{
	return opts->host[0] && strcmp(opts->host, ".") != 0;
}

/* A server's name is always of this machine. */
static enum ipc_rc make_path(const char *name, const char *host, wchar_t *path,
			     size_t room, struct ipc_err *err)
{
	char text[IPC_NAME_MAX];

	if (strncmp(name, "\\\\", 2) == 0)
		snprintf(text, sizeof(text), "%s", name);
	else if (!name[0] || strpbrk(name, "/\\"))
		return ipc_refusef(err, IPC_INVALID, "name",
				   "%.64s is no name: no slashes, or a whole "
				   "\\\\.\\pipe\\NAME", name);
	else
		snprintf(text, sizeof(text), "\\\\%s\\pipe\\pipemark-%s",
			 host, name);
	return ipc_win_wide(text, path, room, err);
}

/* What the system keeps of instances: 255 is no limit. */
static DWORD instances_of(const struct ipc_opts *opts)
{
	uint64_t most = opts->instances == IPC_INSTANCES_CLIENTS
				? opts->clients : opts->instances;

	return most && most < PIPE_UNLIMITED_INSTANCES
		       ? (DWORD)most : PIPE_UNLIMITED_INSTANCES;
}

static DWORD sqos_of(const struct ipc_opts *opts)
{
	switch ((enum ipc_sqos)opts->sqos) {
	case IPC_SQOS_ANONYMOUS:
		return SECURITY_ANONYMOUS;
	case IPC_SQOS_IMPERSONATION:
		return SECURITY_IMPERSONATION;
	case IPC_SQOS_DELEGATION:
		return SECURITY_DELEGATION;
	case IPC_SQOS_IDENTIFICATION:
		break;
	}
	return SECURITY_IDENTIFICATION;
}

/* Every instance, and both sides, must agree in all of this. */
static enum ipc_rc describe_pipe(const char *name, const struct ipc_opts *opts,
				 unsigned needs, bool server,
				 struct ipc_win_pipe *pipe,
				 struct ipc_err *err)
{
	bool remote = is_remote(opts);

	*pipe = (struct ipc_win_pipe){
		.access = access_of(opts, needs),
		.type = type_of(opts),
		.in = ipc_win_quota(opts->in_buffer),
		.out = ipc_win_quota(opts->out_buffer),
		.instances = instances_of(opts),
		.timeout_ms = ipc_win_ms(opts->default_timeout),
		.flags = opts->write_through == IPC_WRITE_THROUGH_YES
				 ? FILE_FLAG_WRITE_THROUGH : 0,
		.sqos = sqos_of(opts),
		.collect = remote ? (DWORD)opts->collect : 0,
		.remote = remote,
	};
	return make_path(name, remote && !server ? opts->host : ".",
			 pipe->path, IPC_NAME_MAX, err);
}

/* One handle serves both directions, or the one that is used. */
static enum ipc_rc make_link(HANDLE handle, const struct ipc_win_pipe *pipe,
			     const struct ipc_opts *opts, bool server,
			     const char *name, struct ipc_link *link,
			     struct ipc_err *err)
{
	const unsigned message = IPC_CAP_MESSAGE | IPC_CAP_EMPTY | IPC_CAP_REST;
	struct ipc_link got = IPC_LINK_INIT;
	bool reads = server ? pipe->access & PIPE_ACCESS_INBOUND
			    : pipe->access & PIPE_ACCESS_OUTBOUND;
	bool writes = server ? pipe->access & PIPE_ACCESS_OUTBOUND
			     : pipe->access & PIPE_ACCESS_INBOUND;
	uint64_t asked = server == reads ? opts->in_buffer : opts->out_buffer;
	enum ipc_rc rc;

	got.rd = reads ? ipc_win_from(handle) : IPC_NO_HANDLE;
	got.wr = writes ? ipc_win_from(handle) : IPC_NO_HANDLE;
	rc = ipc_win_probe(&got, err);
	if (rc)
		return rc;
	/* what both sides agreed on; a writer could not see how it is read */
	got.caps &= ~(message | IPC_CAP_STREAM);
	got.caps |= reads_messages(opts) ? message : IPC_CAP_STREAM;
	got.asked_bytes = asked == IPC_BUFFER_OS ? got.effective_bytes
						 : (size_t)asked;
	snprintf(got.name, sizeof(got.name), "%s", name);
	*link = got;
	return IPC_OK;
}

/*
 * With another server behind the name Windows says 5, or 231 if that one has
 * all its instances.  Wine 8 ignores FIRST_PIPE_INSTANCE; counting instances
 * is what notices there, and can only agree elsewhere.
 */
static enum ipc_rc first_instance(struct ipc_listener *l, struct ipc_err *err)
{
	DWORD instances = 1, code;
	enum ipc_rc rc;

	l->next = ipc_win_create(&l->pipe, l->needs, true, &l->security);
	if (l->next == INVALID_HANDLE_VALUE) {
		code = GetLastError();
		rc = ipc_fail_io(err, IPC_WAY_OTHER, code, "CreateNamedPipeW",
				 l->name);
		if (code != ERROR_ACCESS_DENIED)
			return rc;
		if (err)
			err->rc = IPC_BUSY;
		return IPC_BUSY;
	}
	if (GetNamedPipeHandleStateW(l->next, NULL, &instances, NULL, NULL,
				     NULL, 0) && instances > 1) {
		CloseHandle(l->next);
		return ipc_refuse(err, IPC_BUSY, "CreateNamedPipeW", l->name);
	}
	return IPC_OK;
}

static enum ipc_rc named_listen(const char *name, const struct ipc_opts *opts,
				unsigned needs, struct ipc_listener **out,
				struct ipc_err *err)
{
	struct ipc_listener *l = calloc(1, sizeof(*l));
	enum ipc_rc rc;

	if (!l)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "listener");
	l->opts = *opts;
	l->needs = needs;
	l->next = INVALID_HANDLE_VALUE;
	rc = describe_pipe(name, opts, needs, true, &l->pipe, err);
	if (!rc) {
		ipc_win_narrow(l->pipe.path, l->name, sizeof(l->name));
		rc = ipc_win_security(&l->security, opts->security,
				      l->pipe.remote, err);
	}
	if (!rc)
		rc = first_instance(l, err);
	if (rc) {
		ipc_win_security_free(&l->security);
		free(l);
		return rc;
	}
	*out = l;
	return IPC_OK;
}

static enum ipc_rc new_instance(struct ipc_listener *l, struct ipc_err *err)
{
	if (l->next != INVALID_HANDLE_VALUE)
		return IPC_OK;
	l->next = ipc_win_create(&l->pipe, l->needs, false, &l->security);
	return l->next == INVALID_HANDLE_VALUE
		       ? ipc_fail(err, "CreateNamedPipeW", l->name) : IPC_OK;
}

/* The caller has closed the duplicate that accept gave it: see hand_out. */
static enum ipc_rc named_renew(struct ipc_listener *l, struct ipc_err *err)
{
	l->renewed = true;
	if (!l->opts.reuse)
		return new_instance(l, err);
	if (DisconnectNamedPipe(l->next))
		return IPC_OK;
	return ipc_fail(err, "DisconnectNamedPipe", l->name);
}

/* An instance that is used again stays ours: the client's gets a duplicate. */
static enum ipc_rc hand_out(struct ipc_listener *l, HANDLE *served,
			    struct ipc_err *err)
{
	HANDLE self = GetCurrentProcess();

	if (l->opts.reuse)
		return DuplicateHandle(self, l->next, self, served, 0, FALSE,
				       DUPLICATE_SAME_ACCESS)
			       ? IPC_OK
			       : ipc_fail(err, "DuplicateHandle", l->name);
	*served = l->next;
	l->next = INVALID_HANDLE_VALUE;
	if (!l->renewed)
		new_instance(l, NULL); /* the next accept tries, and says, again */
	return IPC_OK;
}

/*
 * An instance that its server has closed counts until its client has closed
 * it, too (so it is in ReactOS' npfs; Wine 8 forgets it at once).  Who is let
 * go takes a moment to leave: that is no reason to refuse the next one.
 */
static enum ipc_rc next_instance(struct ipc_listener *l, struct ipc_err *err)
{
	uint64_t until = ipc_in_ns(IPC_LEAVING_NS);
	enum ipc_rc rc = new_instance(l, err);

	while (rc == IPC_BUSY && ipc_now_ns() < until) {
		ipc_sleep_ns(LOOK_NS);
		rc = new_instance(l, err);
	}
	return rc;
}

/*
 * The next instance is made before this one is handed out: with none that
 * listens a client is told 231, and with none at all 2.
 */
static enum ipc_rc named_accept(struct ipc_listener *l, struct ipc_link *link,
				struct ipc_err *err)
{
	enum ipc_rc rc = next_instance(l, err);
	HANDLE served;

	if (!rc)
		rc = ipc_win_await_client(l->next, l->needs, l->name, err);
	if (!rc)
		rc = hand_out(l, &served, err);
	if (rc)
		return rc;
	rc = make_link(served, &l->pipe, &l->opts, true, l->name, link, err);
	if (rc)
		CloseHandle(served);
	return rc;
}

static void named_unlisten(struct ipc_listener *l)
{
	if (!l)
		return;
	if (l->next != INVALID_HANDLE_VALUE)
		CloseHandle(l->next);
	ipc_win_security_free(&l->security);
	free(l);
}

static enum ipc_rc named_connect(const char *name, const struct ipc_opts *opts,
				 unsigned needs, struct ipc_link *link,
				 struct ipc_err *err)
{
	struct ipc_win_pipe pipe;
	char text[IPC_NAME_MAX];
	HANDLE client;
	enum ipc_rc rc = describe_pipe(name, opts, needs, false, &pipe,
				       err);

	if (rc)
		return rc;
	ipc_win_narrow(pipe.path, text, sizeof(text));
	client = ipc_win_open(&pipe, needs);
	if (client == INVALID_HANDLE_VALUE)
		return ipc_fail(err, "CreateFileW", text);
	rc = make_link(client, &pipe, opts, false, text, link, err);
	if (rc)
		CloseHandle(client);
	return rc;
}

/*
 * Wakes when an instance begins to listen; another client may be faster.  0
 * is the wait that the server has set.
 */
static enum ipc_rc named_wait(const char *name, const struct ipc_opts *opts,
			      uint64_t timeout_ns, struct ipc_err *err)
{
	wchar_t path[IPC_NAME_MAX];
	DWORD ms = timeout_ns ? ipc_win_ms(timeout_ns)
			      : NMPWAIT_USE_DEFAULT_WAIT;
	enum ipc_rc rc = make_path(name, is_remote(opts) ? opts->host : ".",
				   path, IPC_NAME_MAX, err);

	if (rc)
		return rc;
	return WaitNamedPipeW(path, ms) ? IPC_OK
					: ipc_fail(err, "WaitNamedPipeW", name);
}

/*
 * It opens the pipe by itself and asks for no level of impersonation, so sqos
 * has no say.  An instance that it waited for in vain is a busy one.
 */
static enum ipc_rc named_call(const char *name, const struct ipc_opts *opts,
			      const void *message, size_t len, void *reply,
			      size_t room, size_t *got, struct ipc_err *err)
{
	wchar_t path[IPC_NAME_MAX];
	DWORD count = 0, code;
	enum ipc_rc rc = make_path(name, is_remote(opts) ? opts->host : ".",
				   path, IPC_NAME_MAX, err);

	if (rc)
		return rc;
	if (CallNamedPipeW(path, (void *)(uintptr_t)message, (DWORD)len, reply,
			   (DWORD)room, &count, NMPWAIT_NOWAIT)) {
		*got = count;
		return IPC_OK;
	}
	code = GetLastError();
	if (code == ERROR_SEM_TIMEOUT)
		code = ERROR_PIPE_BUSY;
	return ipc_fail_io(err, IPC_WAY_OTHER, code, "CallNamedPipeW", name);
}

const struct ipc_transport ipc_transport_named = {
	.name = "named",
	.summary = "named pipe: byte or message type, one-way or duplex",
	.gives = IPC_CAP_SYNC | IPC_CAP_ASYNC | IPC_CAP_POLL | IPC_CAP_PIPE |
		 IPC_CAP_DUPLEX | IPC_CAP_STREAM | IPC_CAP_MESSAGE |
		 IPC_CAP_EMPTY | IPC_CAP_REST,
	.makes = "CreateNamedPipeW(FILE_FLAG_FIRST_PIPE_INSTANCE, "
		 "PIPE_REJECT_REMOTE_CLIENTS, DACL of security), "
		 "ConnectNamedPipe",
	.joins = "CreateFileW(SECURITY_SQOS_PRESENT | "
		 "SECURITY_level of sqos), WaitNamedPipeW when busy, "
		 "SetNamedPipeHandleState for message reads",
	.knobs = "name host clients instances read-mode direction buffer "
		 "in-buffer out-buffer wait default-timeout write-through "
		 "security sqos impersonate reuse",
	.message_max = no_limit,
	.listen = named_listen,
	.accept = named_accept,
	.connect = named_connect,
	.wait = named_wait,
	.call = named_call,
	.unlisten = named_unlisten,
	.renew = named_renew,
};
