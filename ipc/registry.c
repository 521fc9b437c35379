#include "ipc/registry.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "ipc/list.h"

#define OS_BOTH    "both"
#define OS_LINUX   "linux"
#define OS_WINDOWS "windows"

const struct ipc_named_transport ipc_transports[] = {
#define TRANSPORT(os, id, name) \
	{ name, OS_##os, IPC_IF_##os(&ipc_transport_##id) },
#define ENGINE(os, id, name)
#include "ipc/list.def"
#undef TRANSPORT
#undef ENGINE
	{ NULL, NULL, NULL }
};

const struct ipc_named_engine ipc_engines[] = {
#define TRANSPORT(os, id, name)
#define ENGINE(os, id, name) { name, OS_##os, IPC_IF_##os(&ipc_engine_##id) },
#include "ipc/list.def"
#undef TRANSPORT
#undef ENGINE
	{ NULL, NULL, NULL }
};

/* What a link may lack, in the order in which a refusal names it. */
static const struct {
	unsigned    cap;
	const char *words;
} link_caps[] = {
	{ IPC_CAP_PIPE, "a real pipe" },
	{ IPC_CAP_ASYNC, "a handle opened for overlapped I/O" },
	{ IPC_CAP_SYNC, "a handle opened for plain reads and writes" },
	{ IPC_CAP_POLL, "a handle whose readiness can be awaited" },
	{ IPC_CAP_MESSAGE, "message boundaries kept by the system" },
	{ IPC_CAP_EMPTY, "messages of 0 bytes" },
};

enum { LIST_MAX = 160, LINK_CAP_COUNT = sizeof(link_caps) / sizeof(*link_caps) };

const char *ipc_host_name(void)
{
	return IPC_HOST_NAME;
}

const struct ipc_named_transport *ipc_find_transport(const char *name)
{
	const struct ipc_named_transport *row = ipc_transports;

	while (row->name && strcmp(row->name, name) != 0)
		row++;
	return row->name ? row : NULL;
}

static const struct ipc_named_engine *engine_row(const char *name)
{
	const struct ipc_named_engine *row = ipc_engines;

	while (row->name && strcmp(row->name, name) != 0)
		row++;
	return row->name ? row : NULL;
}

const struct ipc_named_engine *ipc_find_engine(const char *name)
{
	const struct ipc_named_engine *row = engine_row(ipc_host_engine(name));

	return row ? row : engine_row(name);
}

static void append(char list[LIST_MAX], const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, LIST_MAX - len, "%s%s", len ? ", " : "", name);
}

/* This host's transports that offer caps and carry size bytes whole. */
static const char *that_offer(unsigned caps, const struct ipc_opts *opts,
			      size_t size, char list[LIST_MAX])
{
	list[0] = '\0';
	for (size_t i = 0; ipc_transports[i].name; i++) {
		const struct ipc_transport *it = ipc_transports[i].it;

		if (it && (it->gives & caps) == caps &&
		    it->message_max(opts) >= size)
			append(list, it->name);
	}
	return list[0] ? list : "none here";
}

static const char *engines_that_give(unsigned caps, char list[LIST_MAX])
{
	list[0] = '\0';
	for (size_t i = 0; ipc_engines[i].name; i++) {
		const struct ipc_engine *it = ipc_engines[i].it;

		if (it && (it->gives & caps) == caps)
			append(list, it->name);
	}
	return list[0] ? list : "none here";
}

static enum ipc_rc pick_engine(const char *knob, const char *name,
			       unsigned gives, const struct ipc_engine **out,
			       struct ipc_err *err)
{
	const struct ipc_named_engine *row = ipc_find_engine(name);
	char list[LIST_MAX];

	if (!row)
		return ipc_refusef(err, IPC_INVALID, knob,
				   "no I/O style is called %.60s: %s", name,
				   engines_that_give(0, list));
	if (!row->it)
		return ipc_refusef(err, IPC_UNSUPPORTED, knob,
				   "%s exists on %s; this is %s, which has %s",
				   row->name, row->os, ipc_host_name(),
				   engines_that_give(gives, list));
	if ((row->it->gives & gives) != gives)
		return ipc_refusef(err, IPC_UNSUPPORTED, knob,
				   "%s does not %s; %s do", row->name,
				   row->it->gives & IPC_CAP_SEND ? "receive"
								 : "send",
				   engines_that_give(gives, list));
	*out = row->it;
	return row->it->probe ? row->it->probe(err) : IPC_OK;
}

static enum ipc_rc pick_engines(const struct ipc_opts *opts, bool duplex,
				struct ipc_pairing *out, struct ipc_err *err)
{
	unsigned both = IPC_CAP_SEND | IPC_CAP_RECEIVE;
	enum ipc_rc rc;

	rc = pick_engine("producer-io", opts->producer_io,
			 duplex ? both : IPC_CAP_SEND, &out->producer, err);
	if (!rc)
		rc = pick_engine("consumer-io", opts->consumer_io,
				 duplex ? both : IPC_CAP_RECEIVE,
				 &out->consumer, err);
	if (!rc && ((out->producer->gives ^ out->consumer->gives) &
		    IPC_CAP_NO_LINK))
		rc = ipc_refuse(err, IPC_INVALID, "io",
				"null moves nothing: it is for both ends or "
				"for none");
	return rc;
}

static enum ipc_rc pick_transport(const struct ipc_opts *opts,
				  unsigned needs, bool duplex,
				  const struct ipc_transport **out,
				  struct ipc_err *err)
{
	const struct ipc_named_transport *row;
	const char *name = opts->transport;
	char list[LIST_MAX];

	if (strcmp(name, "auto") == 0)
		name = ipc_host_transport(opts, needs, duplex, err);
	if (!name)
		return err->rc;
	row = ipc_find_transport(name);
	if (!row)
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "none is called %.60s: %s", name,
				   that_offer(0, opts, 0, list));
	if (!row->it)
		return ipc_refusef(err, IPC_UNSUPPORTED, "transport",
				   "%s exists on %s; this is %s, which has %s",
				   row->name, row->os, ipc_host_name(),
				   that_offer(0, opts, 0, list));
	*out = row->it;
	return IPC_OK;
}

/*
 * A transport's name wins over the defaults of kind and mode.  Only their
 * other values are certain to have been asked for.
 */
static enum ipc_rc check_contradiction(const struct ipc_opts *opts,
				       const struct ipc_transport *it,
				       struct ipc_err *err)
{
	if (opts->kind == IPC_KIND_NAMED && !it->listen)
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s has no name, and kind is named",
				   it->name);
	if (opts->mode == IPC_MODE_MESSAGE && !(it->gives & IPC_CAP_MESSAGE))
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s is a stream of bytes, and mode is "
				   "message", it->name);
	return IPC_OK;
}

/* Who has no name has no more clients than the one it was made for. */
static enum ipc_rc check_clients(const struct ipc_opts *opts,
				 const struct ipc_transport *it,
				 struct ipc_err *err)
{
	if (opts->clients > 1 && !it->listen)
		return ipc_refusef(err, IPC_UNSUPPORTED, "clients",
				   "%s has one client, the one it was made "
				   "for: kind = named", it->name);
	return IPC_OK;
}

static enum ipc_rc check_direction(const struct ipc_opts *opts, bool duplex,
				   const struct ipc_transport *it,
				   struct ipc_err *err)
{
	char list[LIST_MAX];

	if (opts->direction == IPC_DIRECTION_DUPLEX &&
	    !(it->gives & IPC_CAP_DUPLEX))
		return ipc_refusef(err, IPC_UNSUPPORTED, "direction",
				   "%s is one-way; duplex are %s. auto opens "
				   "two where both directions are used",
				   it->name, that_offer(IPC_CAP_DUPLEX, opts,
							0, list));
	if (duplex && (opts->direction == IPC_DIRECTION_INBOUND ||
		       opts->direction == IPC_DIRECTION_OUTBOUND))
		return ipc_refuse(err, IPC_UNSUPPORTED, "direction",
				  "replies need both directions: auto or "
				  "duplex");
	return IPC_OK;
}

static enum ipc_rc check_engine(const struct ipc_opts *opts,
				const struct ipc_transport *it,
				const struct ipc_engine *engine,
				struct ipc_err *err)
{
	unsigned lack = engine->needs & ~it->gives;
	char list[LIST_MAX];
	size_t i = 0;

	while (i < LINK_CAP_COUNT && !(lack & link_caps[i].cap))
		i++;
	if (i == LINK_CAP_COUNT)
		return IPC_OK;
	return ipc_refusef(err, IPC_UNSUPPORTED, engine->name,
			   "needs %s, which %s does not offer; these do: %s",
			   link_caps[i].words, it->name,
			   that_offer(engine->needs, opts, 0, list));
}

static enum ipc_rc check_lengths(const struct ipc_opts *opts,
				 const struct ipc_transport *it,
				 bool message, size_t smallest, size_t largest,
				 struct ipc_err *err)
{
	size_t max = it->message_max(opts);
	struct ipc_opts roomy = *opts;
	char list[LIST_MAX];

	roomy.in_buffer = roomy.out_buffer = largest;
	if (largest > max)
		return ipc_refusef(err, IPC_UNSUPPORTED, "message",
				   "%s carries up to %zu bytes whole%s, not "
				   "%zu; these do: %s", it->name, max,
				   it->message_max(&roomy) > max
					   ? " with this buffer" : "", largest,
				   that_offer(message ? IPC_CAP_MESSAGE : 0,
					      opts, largest, list));
	if (!smallest && !(message && it->gives & IPC_CAP_EMPTY))
		return ipc_refusef(err, IPC_UNSUPPORTED, "message",
				   "0 bytes are no message on %s; they are "
				   "on: %s", it->name,
				   that_offer(IPC_CAP_EMPTY, opts, largest,
					      list));
	return IPC_OK;
}

/* Knobs that say how a stream of bytes is cut into transfers. */
static enum ipc_rc check_stream_knobs(const struct ipc_opts *opts, bool duplex,
				      bool message, struct ipc_err *err)
{
	if (opts->collect && message)
		return ipc_refuse(err, IPC_UNSUPPORTED, "collect",
				  "gathers a stream of bytes, and this one "
				  "keeps messages apart: mode = byte");
	if (opts->collect && duplex)
		return ipc_refuse(err, IPC_UNSUPPORTED, "collect",
				  "nothing gathers where each message awaits "
				  "its reply: workload = stream");
	if (opts->read_size && message)
		return ipc_refuse(err, IPC_UNSUPPORTED, "read-size",
				  "one read is one message here: mode = byte");
	return IPC_OK;
}

static enum ipc_rc check_link(const struct ipc_opts *opts,
			      const struct ipc_pairing *out, size_t smallest,
			      size_t largest, struct ipc_err *err)
{
	const struct ipc_transport *it = out->transport;
	enum ipc_rc rc = check_contradiction(opts, it, err);

	if (!rc)
		rc = check_clients(opts, it, err);
	if (!rc)
		rc = check_direction(opts, out->duplex, it, err);
	if (!rc)
		rc = check_engine(opts, it, out->producer, err);
	if (!rc)
		rc = check_engine(opts, it, out->consumer, err);
	if (!rc)
		rc = check_lengths(opts, it, out->message, smallest, largest,
				   err);
	if (!rc)
		rc = check_stream_knobs(opts, out->duplex, out->message, err);
	return rc;
}

/* A transport that can be either is what the modes say; reading decides. */
static bool keeps_messages(const struct ipc_opts *opts,
			   const struct ipc_transport *it)
{
	return it->gives & IPC_CAP_MESSAGE &&
	       ((opts->mode == IPC_MODE_MESSAGE &&
		 opts->read_mode == IPC_MODE_MESSAGE) ||
		!(it->gives & IPC_CAP_STREAM));
}

enum ipc_rc ipc_resolve(const struct ipc_opts *opts, bool duplex,
			size_t smallest, size_t largest,
			struct ipc_pairing *out, struct ipc_err *err)
{
	struct ipc_err mine = { .rc = IPC_OK }; /* the host's part reports through it */
	enum ipc_rc rc;
	unsigned both;

	err = err ? err : &mine;
	memset(out, 0, sizeof(*out));
	out->duplex = duplex;
	rc = pick_engines(opts, duplex, out, err);
	if (rc || out->producer->gives & IPC_CAP_NO_LINK)
		return rc;
	out->producer_needs = out->producer->needs;
	out->consumer_needs = out->consumer->needs;
	if (duplex || opts->direction == IPC_DIRECTION_DUPLEX) {
		out->producer_needs |= IPC_CAP_DUPLEX;
		out->consumer_needs |= IPC_CAP_DUPLEX;
	}
	both = out->producer_needs | out->consumer_needs;
	rc = pick_transport(opts, both, duplex, &out->transport, err);
	if (rc)
		return rc;
	out->message = keeps_messages(opts, out->transport);
	rc = check_link(opts, out, smallest, largest, err);
	return rc ? rc : ipc_host_check(opts, out, largest, err);
}
