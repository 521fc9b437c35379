/* What the contract says of one end, tried with both ends in one process. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/every.h"
#include "tests/support/tap.h"

/* Open both ends, run the body, close; the body returns through CHECK. */
static bool with_pair(const struct peer_case *of, bool (*body)(struct pair *))
{
	struct pair pair;
	bool ok = pair_open(&pair, of) && body(&pair);

	pair_close(&pair);
	return ok;
}

static bool lends_body(struct pair *pair)
{
	struct peer *far = &pair->far;
	const struct ipc_engine *io = far->hub->engine;
	size_t size = far->of.size, unit = size < 4096 ? 64 : 4096;
	unsigned char *data = io->reserve(far->end);

	CHECK(data);
	CHECK_EQ((uintptr_t)data % unit, 0);
	for (size_t i = 0; i < size; i++)
		CHECK_EQ(data[i], 0);
	CHECK(io->reserve(far->end) == data);
	data[size - 1] = 7;
	CHECK(io->reserve(far->end) == data);
	CHECK_EQ(data[size - 1], 7);
	CHECK(far->end->hub == far->hub && far->end->user == far);
	return true;
}

static bool lends(struct peer_case of)
{
	return with_pair(&of, lends_body);
}

/* What the loan must survive: everything but the following next. */
static bool loan_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	const struct ipc_engine *io = near->hub->engine;
	struct ipc_end *from;
	const void *first, *second;

	CHECK(peer_send(far, 0, 1));
	near->end->want = peer_length(&near->of, 0);
	CHECK_EQ(io->next(near->hub, &from, &first), near->end->want);
	CHECK(peer_send(near, 0, 1));
	CHECK(peer_send(far, 1, 1));
	CHECK_EQ(io->push(near->end), IPC_OK);
	CHECK_EQ(io->flush(near->end), IPC_OK);
	CHECK(io->reserve(near->end) != first);
	CHECK(peer_right(first, near->end->want, 0, near->of.seed));
	CHECK_EQ(io->next(near->hub, &from, &second), near->end->want);
	CHECK(peer_right(second, near->end->want, 1, near->of.seed));
	CHECK(peer_receive(far, 0, 1));
	return true;
}

static bool loan(struct peer_case of)
{
	return with_pair(&of, loan_body);
}

static bool lengths_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	const struct ipc_engine *io = far->hub->engine;

	CHECK(io->reserve(far->end));
	CHECK_EQ(io->commit(far->end, far->of.size + 1, 0), IPC_INVALID);
	CHECK_EQ(far->end->err.rc, IPC_INVALID);
	CHECK_EQ(io->commit(far->end, 0, 0), IPC_INVALID);
	CHECK(peer_send(far, 0, 2));
	CHECK(peer_receive(near, 0, 2));
	CHECK_EQ(far->end->out.messages, 2);
	CHECK_EQ(near->end->in.messages, 2);
	CHECK(far->end->out.ops >= 1 && near->end->in.ops >= 1);
	if (strcmp(far->hub->engine->name, "blocking") ||
	    strcmp(near->hub->engine->name, "blocking"))
		return true;
	/* one call a message, and none for what was refused */
	CHECK(peer_send(far, 2, 3));
	CHECK_EQ(far->end->out.messages, 5);
	CHECK_EQ(far->end->out.calls, 5);
	CHECK_EQ(far->end->out.ops, 5);
	CHECK_EQ(far->end->out.partials, 0);
	CHECK(peer_receive(near, 2, 3));
	CHECK_EQ(near->end->in.messages, 5);
	CHECK_EQ(near->end->in.calls, near->end->in.ops);
	CHECK_EQ(near->end->in.ops, 5 + near->end->in.partials);
	return true;
}

static bool lengths(struct peer_case of)
{
	return with_pair(&of, lengths_body);
}

/* What was sent stays readable when the sender has gone in order. */
static bool outlives_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	bool reads = near->end->link.rd != IPC_NO_HANDLE;

	CHECK(reads);
	CHECK(peer_send(far, 0, 3));
	far->hub->engine->detach(far->end);
	CHECK(peer_receive(near, 0, 3));
	CHECK(peer_ended(near, IPC_EOF));
	return true;
}

static bool outlives(struct peer_case of)
{
	return with_pair(&of, outlives_body);
}

/*
 * The peer leaves what we sent unread: some systems report that before the
 * data that came first.  All data comes, then the end, in either class.
 */
static bool unread_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	struct ipc_end *from;
	const void *data;
	int64_t last;

	CHECK(peer_send(near, 0, 2));
	CHECK(peer_send(far, 0, 3));
	far->hub->engine->detach(far->end);
	CHECK(peer_receive(near, 0, 3));
	last = near->hub->engine->next(near->hub, &from, &data);
	CHECK(last == IPC_EOF || last == IPC_GONE);
	CHECK(from == near->end);
	CHECK_EQ(near->hub->engine->next(near->hub, &from, &data), IPC_INVALID);
	return true;
}

static bool unread(struct peer_case of)
{
	return with_pair(&of, unread_body);
}

static bool gone_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	const struct ipc_engine *io = far->hub->engine;
	enum ipc_rc rc = IPC_OK;

	near->hub->engine->detach(near->end);
	for (int i = 0; i < 100000 && !rc; i++) {
		void *data = io->reserve(far->end);

		rc = data ? io->commit(far->end, far->of.size, 0)
			  : far->end->err.rc;
	}
	CHECK_EQ(rc, IPC_GONE);
	CHECK_EQ(far->end->err.rc, IPC_GONE);
	CHECK(far->end->err.op);
	return true;
}

static bool gone(struct peer_case of)
{
	return with_pair(&of, gone_body);
}

/* A reader that is too small says so; it never hands out a part. */
static bool too_long(struct peer_case of)
{
	struct ipc_end *from;
	const void *data;
	struct pair pair;
	int64_t got = 0;
	bool ok = pair_links(&pair, &of);

	pair.near.opts.size = of.size / 2;
	ok = ok && peer_attach(&pair.near, pair.near.pairing.consumer) &&
	     peer_attach(&pair.far, pair.far.pairing.producer) &&
	     peer_send(&pair.far, 0, 1);
	if (ok)
		got = pair.near.hub->engine->next(pair.near.hub, &from, &data);
	pair_close(&pair);
	if (ok && got != IPC_CORRUPT)
		tap_note("next says %lld", (long long)got);
	return ok && got == IPC_CORRUPT;
}

static bool one_end_body(struct pair *pair)
{
	struct peer *far = &pair->far, *near = &pair->near;
	struct ipc_end *from, *none = NULL;
	const void *data;

	/* far only sends */
	CHECK_EQ(far->hub->engine->next(far->hub, &from, &data), IPC_INVALID);
	CHECK(from == NULL);
	CHECK(near->hub->engine->reserve(near->end) == NULL);
	CHECK_EQ(near->end->err.rc, IPC_INVALID);
	near->hub->engine->detach(none); /* NULL is fine */
	near->hub->engine->close(NULL);
	return true;
}

static bool one_end(struct peer_case of)
{
	return with_pair(&of, one_end_body);
}

/* A hub that is full refuses, and the link stays the caller's. */
static bool full_body(struct pair *pair)
{
	struct peer *near = &pair->near;
	struct pair other;
	struct ipc_end *end;
	enum ipc_rc rc = IPC_OK;
	bool kept = false;

	if (pair_links(&other, &near->of)) {
		rc = near->hub->engine->attach(near->hub, &other.near.link,
					       NULL, &end, &near->err);
		kept = other.near.link.rd != IPC_NO_HANDLE;
	}
	pair_close(&other);
	CHECK_EQ(rc, IPC_INVALID);
	CHECK(kept);
	return true;
}

static bool full(struct peer_case of)
{
	return with_pair(&of, full_body);
}

static bool drained_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	struct ipc_err err;

	CHECK(peer_send(far, 0, 2));
	CHECK(peer_receive(near, 0, 2));
	CHECK_EQ(ipc_link_drain(&far->end->link, 0, &err), IPC_OK);
	CHECK_EQ(ipc_link_drain(&far->end->link, 1000, &err), IPC_OK);
	CHECK(peer_send(far, 2, 2));
	near->hub->engine->detach(near->end);
	/* Windows forgets what nobody read with its reader: not a word of it */
	if (strcmp(ipc_host_name(), "windows") == 0)
		return true;
	CHECK_EQ(ipc_link_drain(&far->end->link, 0, &err), IPC_GONE);
	return true;
}

static bool drained(struct peer_case of)
{
	return with_pair(&of, drained_body);
}

/* Several messages in one, split where a read pleases. */
static bool torn_body(struct pair *pair)
{
	struct peer *near = &pair->near, *far = &pair->far;
	const struct ipc_engine *io = far->hub->engine;

	CHECK(peer_send(far, 0, 2));
	CHECK(io->reserve(far->end));
	CHECK_EQ(io->commit(far->end, far->of.size - 1, 0), IPC_OK);
	CHECK_EQ(io->flush(far->end), IPC_OK);
	io->detach(far->end);
	CHECK(peer_receive(near, 0, 2));
	CHECK(peer_ended(near, IPC_GONE));
	return true;
}

static bool torn(struct peer_case of)
{
	return with_pair(&of, torn_body);
}

static bool links_close_once(void)
{
	struct ipc_link none = IPC_LINK_INIT;
	struct ipc_err err;

	ipc_link_close(&none);
	ipc_link_close(&none);
	CHECK(none.rd == IPC_NO_HANDLE && none.wr == IPC_NO_HANDLE);
	CHECK_EQ(ipc_link_adopt(IPC_NO_HANDLE, IPC_NO_HANDLE, &none, &err),
		 IPC_INVALID);
	return true;
}

int main(int argc, char **argv)
{
	struct peer_case small = { .smallest = 100, .size = 100, .slots = 3 };
	struct peer_case page = { .smallest = 4096, .size = 4096 };
	struct peer_case both = small;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(300);
	both.duplex = true;
	TEST(links_close_once);
	every_pair("lends", 0, 0, small, lends);
	every_pair("lends pages", 0, 0, page, lends);
	every_pair("a loan stays", 0, 0, both, loan);
	every_pair("lengths refused", 0, 0, small, lengths);
	every_pair("outlives its sender", 0, 0, small, outlives);
	every_pair("data before the end", 0, 0, both, unread);
	every_pair("a lost reader", 0, 0, small, gone);
	every_pair("torn", 0, 'b', small, torn);
	every_pair("too long", 0, 'm', small, too_long);
	every_pair("one way only", 0, 0, small, one_end);
	every_pair("a full hub", 0, 0, small, full);
	every_pair("drained", 0, 0, small, drained);
	return tap_done();
}
