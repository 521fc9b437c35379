/*
 * The sender's own pages in the pipe (vmsplice), and a receiver that throws
 * away without looking (splice to the null device).
 *
 * A page that lies in the pipe may not be written again.  The pipe has as many
 * places as it has pages, one for each piece of a message, so with a reader
 * that copies, a buffer is free again once that many newer pieces were sent.
 * The ring is large enough for that with messages of the largest size; where
 * shorter ones follow each other, reserve waits for the reader.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/linux/fdio.h"
#include "ipc/list.h"

enum { HUGE_PAGE = 2 << 20 };

struct splice_end {
	struct fd_end fd; /* first */
	/* sending */
	char    *ring;
	size_t   ring_bytes, stride, slots, slot;
	size_t   places;      /* pieces that the pipe holds */
	size_t   page;
	uint64_t pieces;      /* sent so far */
	uint64_t bytes;
	struct {
		uint64_t pieces, bytes; /* when it had been sent */
		bool     used;
	} *sent; /* for each slot */
	/* receiving */
	int      null_fd;
	size_t   ask;         /* most bytes of one splice; 0: the rest */
	uint64_t have;        /* thrown away, and not handed out */
};

struct splice_hub {
	struct ipc_hub     base;
	struct ipc_opts    opts;
	struct splice_end *end;
};

static enum ipc_rc splice_open(const struct ipc_opts *opts, unsigned ends,
			       struct ipc_hub **out, struct ipc_err *err)
{
	struct splice_hub *hub;

	if (ends != 1)
		return ipc_refuse(err, IPC_INVALID, "splice",
				  "a hub of it has one end");
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "hub");
	hub->base.engine = &ipc_engine_splice;
	hub->opts = *opts;
	*out = &hub->base;
	return IPC_OK;
}

/* The ring of buffers. */

/* kB of [from, from + bytes) that are huge pages, as the system says. */
static unsigned long huge_kb(const char *from, size_t bytes)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long start, end, kb = 0, one;
	bool inside = false;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start < (unsigned long)from + bytes &&
				 end > (unsigned long)from;
		else if (inside &&
			 sscanf(line, "AnonHugePages: %lu kB", &one) == 1)
			kb += one;
	}
	if (maps)
		fclose(maps);
	return kb;
}

/* Aligned to a huge page, so that the first one can be one. */
static char *map_ring(size_t bytes, bool huge)
{
	size_t room = huge ? bytes + HUGE_PAGE : bytes, skip;
	char *all = mmap(NULL, room, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		return NULL;
	if (!huge)
		return all;
	skip = (HUGE_PAGE - (uintptr_t)all % HUGE_PAGE) % HUGE_PAGE;
	if (skip)
		munmap(all, skip);
	munmap(all + skip + bytes, room - skip - bytes);
	madvise(all + skip, bytes, MADV_HUGEPAGE);
	return all + skip;
}

static enum ipc_rc make_ring(struct splice_end *end,
			     const struct ipc_opts *opts, struct ipc_err *err)
{
	size_t size = lx_pipe_buffer(end->fd.wr, IPC_BUFFER_OS), each;
	char *how = end->fd.base.hub->how;
	size_t unit = opts->huge_pages ? HUGE_PAGE : 1;

	end->page = ipc_page_size();
	end->places = size / end->page;
	each = (opts->size + end->page - 1) / end->page;
	end->stride = each * end->page;
	end->slots = (end->places + each - 1) / each + 1;
	if (ipc_slots(opts, 0) > end->slots)
		end->slots = ipc_slots(opts, 0);
	end->sent = calloc(end->slots, sizeof(*end->sent));
	if (!end->places || !end->sent ||
	    end->slots > SIZE_MAX / 2 / end->stride)
		return ipc_refuse(err, IPC_NOMEM, "splice", "ring of buffers");
	end->ring_bytes = (end->slots * end->stride + unit - 1) / unit * unit;
	end->ring = map_ring(end->ring_bytes, opts->huge_pages);
	if (!end->ring)
		return ipc_fail(err, "mmap", "ring of buffers");
	memset(end->ring, 0, end->ring_bytes);
	snprintf(how, 96, "%zu buffers for a pipe of %zu pages", end->slots,
		 end->places);
	if (opts->huge_pages)
		snprintf(how + strlen(how), 96 - strlen(how),
			 ", %lu of %zu KiB huge pages",
			 huge_kb(end->ring, end->ring_bytes),
			 end->ring_bytes >> 10);
	return IPC_OK;
}

/* Attach and detach. */

static void drop(struct splice_end *end)
{
	if (end->ring)
		munmap(end->ring, end->ring_bytes);
	free(end->sent);
	lx_close(end->null_fd);
}

static enum ipc_rc make(struct splice_end *end, const struct ipc_opts *opts,
			struct ipc_err *err)
{
	enum ipc_rc rc = IPC_OK;

	end->ask = (size_t)opts->read_size;
	if (end->fd.wr >= 0)
		rc = make_ring(end, opts, err);
	if (rc || end->fd.rd < 0)
		return rc;
	end->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (end->null_fd < 0)
		return ipc_fail(err, "open", "/dev/null");
	snprintf(end->fd.base.hub->how, sizeof(end->fd.base.hub->how),
		 "discarded unseen, no warm-up");
	return IPC_OK;
}

static enum ipc_rc splice_attach(struct ipc_hub *base, struct ipc_link *link,
				 void *user, struct ipc_end **out,
				 struct ipc_err *err)
{
	struct splice_hub *hub = (struct splice_hub *)base;
	struct ipc_opts mine = hub->opts;
	struct splice_end *end;
	enum ipc_rc rc;

	if (hub->end)
		return ipc_refuse(err, IPC_INVALID, "splice",
				  "the hub has its one end");
	end = calloc(1, sizeof(*end));
	if (!end)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "end");
	end->null_fd = -1;
	mine.slots = 1;
	mine.collect = 0; /* the buffers of fd_end are not used */
	rc = fd_end_make(&end->fd, base, &mine, FD_BLOCKING, link, user, err);
	if (rc) {
		free(end);
		return rc;
	}
	rc = make(end, &hub->opts, err);
	if (rc) {
		*link = end->fd.base.link; /* it stays the caller's */
		end->fd.base.link = (struct ipc_link)IPC_LINK_INIT;
		drop(end);
		fd_end_drop(&end->fd);
		free(end);
		return rc;
	}
	hub->end = end;
	*out = &end->fd.base;
	return IPC_OK;
}

/* What lies in the pipe stays there: its pages outlive this process. */
static void splice_detach(struct ipc_end *base)
{
	struct splice_end *end = (struct splice_end *)base;

	if (!end)
		return;
	((struct splice_hub *)base->hub)->end = NULL;
	drop(end);
	fd_end_drop(&end->fd);
	free(end);
}

static void splice_close(struct ipc_hub *base)
{
	struct splice_hub *hub = (struct splice_hub *)base;

	if (!hub)
		return;
	splice_detach(hub->end ? &hub->end->fd.base : NULL);
	free(hub);
}

/* Sending. */

/* Has the reader copied what this slot held? */
static bool is_taken(struct splice_end *end)
{
	int left = 0;

	if (!end->sent[end->slot].used ||
	    end->pieces - end->sent[end->slot].pieces >= end->places)
		return true;
	end->fd.base.out.calls++;
	return ioctl(end->fd.wr, FIONREAD, &left) == 0 &&
	       end->bytes - (uint64_t)left >= end->sent[end->slot].bytes;
}

static void *splice_reserve(struct ipc_end *base)
{
	struct splice_end *end = (struct splice_end *)base;

	if (!end->ring)
		return fd_reserve(base);
	while (!is_taken(end)) {
		struct pollfd peer = { .fd = end->fd.wr, .events = 0 };

		base->out.retries++;
		if (poll(&peer, 1, 0) > 0 && peer.revents & POLLERR) {
			ipc_fail_io(&base->err, IPC_WAY_WRITE, EPIPE,
				    "vmsplice", base->link.name);
			return NULL;
		}
		sched_yield();
	}
	return end->ring + end->slot * end->stride;
}

static enum ipc_rc give(struct splice_end *end, struct iovec rest)
{
	struct ipc_tally *out = &end->fd.base.out;

	while (rest.iov_len) {
		ssize_t sent = vmsplice(end->fd.wr, &rest, 1, 0);

		out->calls++;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return ipc_fail_io(&end->fd.base.err, IPC_WAY_WRITE,
					   (uint32_t)errno, "vmsplice",
					   end->fd.base.link.name);
		out->ops++;
		out->partials += (size_t)sent != rest.iov_len;
		rest.iov_base = (char *)rest.iov_base + sent;
		rest.iov_len -= (size_t)sent;
	}
	return IPC_OK;
}

static enum ipc_rc splice_commit(struct ipc_end *base, size_t len,
				 unsigned flags)
{
	struct splice_end *end = (struct splice_end *)base;
	struct iovec all = { .iov_base = end->ring + end->slot * end->stride,
			     .iov_len = len };
	enum ipc_rc rc;

	(void)flags; /* nothing is held back */
	if (!len || len > end->fd.size)
		return fd_refuse_length(&end->fd, len);
	base->out.messages++;
	rc = give(end, all);
	end->bytes += len;
	end->pieces += (len + end->page - 1) / end->page;
	end->sent[end->slot].bytes = end->bytes;
	end->sent[end->slot].pieces = end->pieces;
	end->sent[end->slot].used = true;
	if (++end->slot == end->slots)
		end->slot = 0;
	return rc;
}

static enum ipc_rc splice_push(struct ipc_end *base)
{
	(void)base;
	return IPC_OK;
}

/* A pipe that somebody has enlarged holds more than the ring allows for. */
static enum ipc_rc splice_flush(struct ipc_end *base)
{
	struct splice_end *end = (struct splice_end *)base;
	size_t now = lx_pipe_buffer(end->fd.wr, IPC_BUFFER_OS) / end->page;

	if (now <= end->places)
		return IPC_OK;
	return ipc_refusef(&base->err, IPC_CORRUPT, "vmsplice",
			   "the pipe grew from %zu to %zu pages while its "
			   "buffers were in use", end->places, now);
}

/* Receiving: bytes are counted, nobody sees them. */

static enum ipc_rc throw_away(struct splice_end *end, size_t want)
{
	struct ipc_tally *in = &end->fd.base.in;
	size_t ask = end->ask > want ? end->ask : want - (size_t)end->have;

	for (;;) {
		ssize_t got = splice(end->fd.rd, NULL, end->null_fd, NULL, ask,
				     SPLICE_F_MOVE);
		enum ipc_rc rc;

		in->calls++;
		if (got > 0) {
			in->ops++;
			in->partials += (size_t)got < ask && !end->ask;
			end->have += (uint64_t)got;
			return IPC_OK;
		}
		if (!got) {
			/* the inbox has nothing; a part of a message counts */
			end->fd.in.have = end->fd.in.off + (end->have != 0);
			return fd_end_of_stream(&end->fd);
		}
		rc = fd_read_failed(&end->fd, "splice");
		if (rc)
			return rc;
	}
}

static int64_t splice_next(struct ipc_hub *base, struct ipc_end **from,
			   const void **data)
{
	struct splice_end *end = ((struct splice_hub *)base)->end;
	enum ipc_rc rc = IPC_OK;
	size_t want;

	*from = NULL;
	if (!end || end->fd.rd < 0 || end->fd.finished)
		return ipc_refuse(&base->err, IPC_INVALID, "next",
				  "no end is left to receive from");
	*from = &end->fd.base;
	want = end->fd.base.want;
	while (!rc && end->have < want)
		rc = throw_away(end, want);
	if (rc)
		return rc;
	end->have -= want;
	end->fd.base.in.messages++;
	*data = end->fd.in.buf; /* zeros */
	return (int64_t)want;
}

const struct ipc_engine ipc_engine_splice = {
	.name = "splice",
	.summary = "vmsplice: the sender's pages in the pipe; a receiver that "
		   "discards unseen",
	.needs = IPC_CAP_SYNC | IPC_CAP_PIPE,
	.gives = IPC_CAP_SEND | IPC_CAP_RECEIVE | IPC_CAP_OPAQUE,
	.ends_max = 1,
	.knobs = "slots read-size huge-pages",
	.sends = "vmsplice",
	.receives = "splice",
	.open = splice_open,
	.attach = splice_attach,
	.reserve = splice_reserve,
	.commit = splice_commit,
	.push = splice_push,
	.flush = splice_flush,
	.next = splice_next,
	.detach = splice_detach,
	.close = splice_close,
};
