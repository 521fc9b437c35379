/* One hub, several links: order per link, turns, ends said once each. */
#include <stdio.h>
#include <string.h>

#include "ipc/sys.h"
#include "tests/support/every.h"
#include "tests/support/tap.h"

enum { LINKS = 8 };

struct many {
	struct peer     p[LINKS];
	unsigned        seen[LINKS];
	bool            ended[LINKS];
	struct ipc_hub *hub;
	struct ipc_err  err;
};

/* Unequal ones: some links end while others have hardly begun. */
static unsigned count_of(const struct peer_case *of, int link)
{
	return of->count * (unsigned)(link + 1);
}

static bool start_all(struct many *m, const struct peer_case *of)
{
	const struct ipc_engine *io = ipc_find_engine(of->consumer)->it;
	struct ipc_opts opts;

	peer_opts(of, &opts);
	CHECK_EQ(io->open(&opts, LINKS, &m->hub, &m->err), IPC_OK);
	for (int i = 0; i < LINKS; i++) {
		struct peer_case mine = *of;
		struct peer *p = &m->p[i];

		/* where a process is dear, one of them has to do */
		mine.threaded = ipc_wine() && i;
		mine.seed = (unsigned)i;
		mine.count = count_of(of, i);
		CHECK(peer_start_link(p, &mine, PEER_SEND));
		CHECK_EQ(io->attach(m->hub, &p->link, p, &p->end, &m->err),
			 IPC_OK);
		p->end->want = peer_length(&p->of, 0);
	}
	return true;
}

static bool take_one(struct many *m, const void *data, int64_t got,
		     const struct ipc_end *from)
{
	struct peer *p = from->user;
	unsigned *seen = &m->seen[p - m->p];
	size_t len = peer_length(&p->of, *seen);

	CHECK_EQ(got, len);
	CHECK(peer_right(data, len, *seen, p->of.seed));
	++*seen;
	p->end->want = peer_length(&p->of, *seen);
	return true;
}

static bool take_all(struct many *m, const struct peer_case *of)
{
	int left = LINKS;

	while (left) {
		struct ipc_end *from;
		const void *data;
		int64_t got = m->hub->engine->next(m->hub, &from, &data);
		int link;

		CHECK(from != NULL);
		link = (int)((struct peer *)from->user - m->p);
		CHECK(!m->ended[link]);
		if (got >= 0) {
			CHECK(take_one(m, data, got, from));
			continue;
		}
		CHECK_EQ(got, IPC_EOF);
		CHECK_EQ(m->seen[link], count_of(of, link));
		m->ended[link] = true;
		left--;
	}
	return true;
}

static bool nobody_is_left(struct many *m)
{
	struct ipc_end *from;
	const void *data;

	CHECK_EQ(m->hub->engine->next(m->hub, &from, &data), IPC_INVALID);
	CHECK(from == NULL);
	return true;
}

static bool eight_links(struct peer_case of)
{
	static struct many m;
	bool ok;

	memset(&m, 0, sizeof(m));
	ok = start_all(&m, &of) && take_all(&m, &of) && nobody_is_left(&m);
	if (m.hub)
		m.hub->engine->close(m.hub);
	for (int i = 0; i < LINKS; i++)
		ok = peer_stop(&m.p[i]) && ok;
	return ok;
}

/* Both have everything ready: neither gets more than a batch ahead. */
static bool take_turns(struct ipc_hub *hub, struct pair pair[2],
		       unsigned count, unsigned batch)
{
	unsigned seen[2] = { 0, 0 };

	for (unsigned i = 0; i < 2 * count; i++) {
		struct ipc_end *from;
		const void *data;
		int64_t got = hub->engine->next(hub, &from, &data);
		unsigned which = from == pair[1].near.end, ahead;

		CHECK_EQ(got, pair[0].near.of.size);
		CHECK(peer_right(data, (size_t)got, seen[which],
				 pair[which].near.of.seed));
		ahead = ++seen[which];
		/* the first turn may start before the second link is seen */
		CHECK(ahead <= seen[!which] + 2 * batch ||
		      seen[!which] == count);
	}
	return true;
}

static bool turns(struct peer_case of)
{
	struct pair pair[2];
	struct ipc_hub *hub = NULL;
	struct ipc_err err;
	bool ok = true;

	for (int i = 0; i < 2; i++) {
		ok = ok && pair_links(&pair[i], &of);
		pair[i].near.of.seed = pair[i].far.of.seed = (unsigned)i;
	}
	ok = ok && !pair[0].near.pairing.consumer->open(
			   &pair[0].near.opts, 2, &hub, &err);
	for (int i = 0; ok && i < 2; i++) {
		struct peer *near = &pair[i].near;

		ok = peer_attach(&pair[i].far, pair[i].far.pairing.producer) &&
		     peer_send(&pair[i].far, 0, of.count) &&
		     !hub->engine->attach(hub, &near->link, near, &near->end,
					  &err);
		if (ok)
			near->end->want = of.size;
	}
	ok = ok && take_turns(hub, pair, of.count, (unsigned)of.batch);
	if (hub)
		hub->engine->close(hub);
	pair_close(&pair[0]);
	pair_close(&pair[1]);
	return ok;
}

/* One of them leaves in the middle: the others go on. */
static bool detached(struct peer_case of)
{
	static struct many m;
	struct ipc_end *from;
	const void *data;
	bool ok;

	memset(&m, 0, sizeof(m));
	ok = start_all(&m, &of) &&
	     m.hub->engine->next(m.hub, &from, &data) == (int64_t)of.size;
	for (int i = 1; ok && i < LINKS; i += 2)
		m.hub->engine->detach(m.p[i].end);
	for (int left = LINKS / 2; ok && left;) {
		int64_t got = m.hub->engine->next(m.hub, &from, &data);

		ok = from && ((struct peer *)from->user - m.p) % 2 == 0 &&
		     (got == (int64_t)of.size || got == IPC_EOF);
		left -= got == IPC_EOF;
	}
	ok = ok && nobody_is_left(&m);
	if (m.hub)
		m.hub->engine->close(m.hub);
	for (int i = 0; i < LINKS; i++)
		peer_stop(&m.p[i]); /* half of them lost their reader */
	return ok;
}

int main(int argc, char **argv)
{
	struct peer_case of = { .smallest = 1, .size = 5000, .count = 20,
				.slots = 2, .batch = 3 };
	struct peer_case ready = { .smallest = 100, .size = 100, .count = 12,
				   .batch = 3 };

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	tap_start(600);
	every_many("eight links", 0, of, eight_links);
	of.read_size = 20000;
	every_many("eight links, read ahead", 'b', of, eight_links);
	of.read_size = 0;
	of.depth = 4; /* for the engines that know it */
	of.slots = 5;
	every_many("eight links, four reads each", 0, of, eight_links);
	of.depth = 0;
	of.slots = 2;
	of.size = 500;
	every_many("eight links, small", 0, of, eight_links);
	of.smallest = of.size;
	every_many("some leave", 0, of, detached);
	every_many("turns", 0, ready, turns);
	return tap_done();
}
