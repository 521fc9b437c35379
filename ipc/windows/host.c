/* What the user's words become on Windows, and what Windows cannot do. */
#include <string.h>

#include "ipc/registry.h"
#include "ipc/windows/win.h"

const char *ipc_host_engine(const char *style)
{
	return style;
}

const char *ipc_host_transport(const struct ipc_opts *opts,
			       unsigned engine_needs, bool duplex,
			       struct ipc_err *err)
{
	(void)duplex; /* anonymous pipes come in pairs, named ones are duplex */
	if (opts->kind == IPC_KIND_NAMED)
		return "named";
	if (opts->mode == IPC_MODE_MESSAGE) {
		ipc_refuse(err, IPC_UNSUPPORTED, "mode",
			   "CreatePipe has no message mode: kind = named has "
			   "one, or mode = byte");
		return NULL;
	}
	return engine_needs & IPC_CAP_ASYNC ? "anon-overlapped" : "anon";
}

static bool polls(const struct ipc_engine *engine)
{
	return strcmp(engine->name, "nowait") == 0;
}

/*
 * A polled write takes all of a message or nothing, so one larger than the
 * quota would be tried for ever.
 */
static enum ipc_rc check_polled_write(const struct ipc_engine *engine,
				      uint64_t quota, const char *knob,
				      size_t largest, struct ipc_err *err)
{
	size_t bytes = quota == IPC_BUFFER_OS ? 4096 : (size_t)quota;

	if (!polls(engine) || largest <= bytes)
		return IPC_OK;
	return ipc_refusef(err, IPC_UNSUPPORTED, knob,
			   "nowait writes all of a message or nothing, and %zu "
			   "bytes never fit into %zu: a larger %s, or "
			   "io = blocking", largest, bytes, knob);
}

/* The server is the consumer, except with outbound. */
static enum ipc_rc check_nowait(const struct ipc_opts *opts,
				const struct ipc_pairing *pairing,
				size_t largest, struct ipc_err *err)
{
	bool out = opts->direction == IPC_DIRECTION_OUTBOUND;
	enum ipc_rc rc;

	rc = check_polled_write(pairing->producer,
				out ? opts->out_buffer : opts->in_buffer,
				out ? "out-buffer" : "in-buffer", largest, err);
	if (!rc && pairing->duplex)
		rc = check_polled_write(pairing->consumer,
					out ? opts->in_buffer
					    : opts->out_buffer,
					out ? "in-buffer" : "out-buffer",
					largest, err);
	return rc;
}

/* What one call sends and receives. */
static enum ipc_rc check_exchange(const struct ipc_opts *opts,
				  const struct ipc_pairing *pairing,
				  struct ipc_err *err)
{
	if (opts->exchange == IPC_EXCHANGE_WRITE_READ)
		return IPC_OK;
	if (!pairing->duplex || !pairing->message)
		return ipc_refuse(err, IPC_UNSUPPORTED, "exchange",
				  "TransactNamedPipe and CallNamedPipe need a "
				  "reply, and messages at both ends: workload = "
				  "pingpong, or connect with call; "
				  "kind = named, mode = message");
	if (strcmp(pairing->producer->name, "blocking") != 0)
		return ipc_refusef(err, IPC_UNSUPPORTED, "exchange",
				   "%s has operations of its own: "
				   "producer-io = blocking",
				   pairing->producer->name);
	return IPC_OK;
}

static enum ipc_rc check_named(const struct ipc_opts *opts,
			       const struct ipc_pairing *pairing,
			       struct ipc_err *err)
{
	SECURITY_ATTRIBUTES security;
	enum ipc_rc rc;

	if (strncmp(opts->security, "mode:", 5) == 0)
		return ipc_refuse(err, IPC_UNSUPPORTED, "security",
				  "mode bits exist on linux; here sddl:TEXT, "
				  "private or os");
	rc = ipc_win_security(&security, opts->security, false, err);
	ipc_win_security_free(&security);
	if (rc)
		return ipc_refusef(err, IPC_INVALID, "security",
				   "%.80s is no security descriptor; an "
				   "example: sddl:D:P(A;;GA;;;SY)(A;;GA;;;BA)",
				   opts->security);
	if (opts->reuse && strcmp(pairing->consumer->name, "iocp") == 0)
		return ipc_refuse(err, IPC_UNSUPPORTED, "reuse",
				  "an instance stays with its completion port, "
				  "and a server here would bind it anew for each "
				  "client: overlapped, apc or blocking");
	if (opts->impersonate && !pairing->duplex &&
	    opts->direction == IPC_DIRECTION_OUTBOUND)
		return ipc_refuse(err, IPC_UNSUPPORTED, "impersonate",
				  "a server acts as its client after a message "
				  "of it, and outbound has none");
	return IPC_OK;
}

enum ipc_rc ipc_host_check(const struct ipc_opts *opts,
			   const struct ipc_pairing *pairing, size_t largest,
			   struct ipc_err *err)
{
	bool anon = strcmp(pairing->transport->name, "anon") == 0;
	enum ipc_rc rc;

	if (opts->read_mode == IPC_MODE_MESSAGE && !pairing->message)
		return ipc_refuse(err, IPC_INVALID, "read-mode",
				  "messages can be read only from a message "
				  "pipe: mode = message");
	if (anon && (!opts->in_buffer || !opts->out_buffer))
		return ipc_refuse(err, IPC_UNSUPPORTED, "buffer",
				  "CreatePipe makes no rendezvous pipe; named "
				  "and anon-overlapped are one with 0");
	rc = check_exchange(opts, pairing, err);
	if (!rc)
		rc = check_named(opts, pairing, err);
	return rc ? rc : check_nowait(opts, pairing, largest, err);
}
