/*
 * A FIFO has no connections: whoever opens it shares one pipe.  The server
 * opens its side at once, so that a client neither blocks nor finds the end of
 * the stream before the beginning, and learns from inotify that a client has
 * opened the other side.  Nothing gets its name before all that is in place.
 * A server that only sends has the FIFO "in" too: only a writer is told at
 * once that nobody has opened the other side.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/linux/linux.h"
#include "ipc/list.h"

enum { CAPS = LX_CAPS | IPC_CAP_STREAM | IPC_CAP_PIPE };

struct ipc_listener {
	struct lx_folder folder;
	int      watch;          /* inotify */
	int      rd, wr;         /* the server's sides; -1 if it has none */
	bool     reads;          /* rd is for more than to be seen alive */
	int      awaited[2];     /* FIFOs that no client has opened; or 0 */
	bool     accepted;
	unsigned mode;           /* of the FIFOs */
	uint64_t asked;
	size_t   effective;
};

/* Which FIFOs there are, as the server sees them. */
static bool has_in(const struct ipc_opts *opts, unsigned needs)
{
	return needs & IPC_CAP_DUPLEX ||
	       opts->direction != IPC_DIRECTION_OUTBOUND;
}

static bool has_out(const struct ipc_opts *opts, unsigned needs)
{
	return needs & IPC_CAP_DUPLEX ||
	       opts->direction == IPC_DIRECTION_OUTBOUND;
}

/*
 * The server's side of the FIFO at path.  A writer can only be opened where a
 * reader is, and the reader goes again: then writing before there is a client
 * fails, as it should.
 */
static int open_own_side(const char *path, bool writes, struct ipc_err *err)
{
	int rd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), wr;

	if (rd < 0)
		ipc_fail(err, "open", path);
	if (rd < 0 || !writes)
		return rd;
	wr = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (wr < 0)
		ipc_fail(err, "open", path);
	lx_close(rd);
	return wr;
}

/*
 * Everything that a client can find out, its buffer included, is settled
 * before the FIFO gets its name.
 */
static enum ipc_rc make_fifo(struct ipc_listener *l, bool writes, int *side,
			     struct ipc_err *err)
{
	const char *file = writes ? LX_FILE_OUT : LX_FILE_IN;
	int *awaited = &l->awaited[writes];
	char new[LX_FILE_PATH_MAX], final[LX_FILE_PATH_MAX];

	lx_folder_file(&l->folder, LX_FILE_NEW, new);
	lx_folder_file(&l->folder, file, final);
	if (mkfifo(new, 0600) < 0)
		return ipc_fail(err, "mkfifo", new);
	*side = open_own_side(new, writes, err);
	if (*side < 0)
		return err->rc;
	l->effective = lx_pipe_buffer(*side, l->asked);
	*awaited = inotify_add_watch(l->watch, new, IN_OPEN); /* from 1 up */
	if (*awaited < 0)
		return ipc_fail(err, "inotify_add_watch", new);
	if (chmod(new, l->mode) < 0)
		return ipc_fail(err, "chmod", new);
	if (rename(new, final) < 0)
		return ipc_fail(err, "rename", final);
	return IPC_OK;
}

static void unlisten(struct ipc_listener *l)
{
	if (!l)
		return;
	lx_folder_drop(&l->folder);
	lx_close(l->rd);
	lx_close(l->wr);
	lx_close(l->watch);
	free(l);
}

static enum ipc_rc make_both(struct ipc_listener *l, const struct ipc_opts *opts,
			     unsigned needs, struct ipc_err *err)
{
	enum ipc_rc rc = IPC_OK;

	l->watch = inotify_init1(IN_CLOEXEC);
	if (l->watch < 0)
		return ipc_fail(err, "inotify_init1", l->folder.path);
	l->asked = opts->out_buffer;
	if (has_out(opts, needs))
		rc = make_fifo(l, true, &l->wr, err);
	l->reads = has_in(opts, needs);
	if (l->reads)
		l->asked = opts->in_buffer;
	/* last: a client looks for this one first, then both are there */
	if (!rc)
		rc = make_fifo(l, false, &l->rd, err);
	if (!l->reads)
		l->awaited[false] = 0; /* looked at, not used */
	return rc;
}

static enum ipc_rc listen_at(const char *name, const struct ipc_opts *opts,
			     unsigned needs, struct ipc_listener **out,
			     struct ipc_err *err)
{
	struct ipc_listener *l = calloc(1, sizeof(*l));
	enum ipc_rc rc;

	if (!l)
		return ipc_refuse(err, IPC_NOMEM, "calloc", "listener");
	l->watch = l->rd = l->wr = -1;
	l->mode = lx_file_mode(opts);
	rc = lx_folder_make(name, l->mode, &l->folder, err);
	if (!rc)
		rc = make_both(l, opts, needs, err);
	if (rc) {
		unlisten(l);
		return rc;
	}
	*out = l;
	return IPC_OK;
}

static void fill(struct ipc_link *link, const char *path, int rd, int wr,
		 uint64_t asked, size_t effective)
{
	*link = (struct ipc_link){ .rd = rd, .wr = wr, .caps = CAPS };
	if (rd >= 0 && wr >= 0)
		link->caps |= IPC_CAP_DUPLEX;
	link->asked_bytes = lx_asked(asked);
	link->effective_bytes = effective;
	snprintf(link->name, sizeof(link->name), "%s", path);
}

/* Cross out the FIFOs that a client has opened. */
static void note_opened(struct ipc_listener *l,
			const struct inotify_event *event, ssize_t bytes)
{
	for (; bytes > 0; bytes -= (ssize_t)sizeof(*event), event++)
		for (int i = 0; i < 2; i++)
			if (event->mask & IN_OPEN &&
			    event->wd == l->awaited[i])
				l->awaited[i] = 0;
}

static enum ipc_rc accept_one(struct ipc_listener *l, struct ipc_link *link,
			      struct ipc_err *err)
{
	struct inotify_event event[4]; /* without names: a file is watched */
	enum ipc_rc rc = IPC_OK;
	ssize_t got;

	if (l->accepted)
		return ipc_refuse(err, IPC_INVALID, l->folder.path,
				  "a FIFO has no connections: it takes one "
				  "client");
	while (l->awaited[0] || l->awaited[1]) {
		got = read(l->watch, event, sizeof(event));
		if (got < 0 && errno != EINTR)
			return ipc_fail(err, "read", "inotify");
		note_opened(l, event, got);
	}
	if (l->rd >= 0)
		rc = lx_nonblock(l->rd, false, NULL, err);
	if (!rc && l->wr >= 0)
		rc = lx_nonblock(l->wr, false, NULL, err);
	if (rc)
		return rc;
	l->accepted = true;
	if (!l->reads) {
		lx_close(l->rd);
		l->rd = -1;
	}
	fill(link, l->folder.path, l->rd, l->wr, l->asked, l->effective);
	l->rd = l->wr = -1; /* the link's from here on */
	return IPC_OK;
}

static enum ipc_rc open_client_side(const struct lx_folder *folder,
				    const char *file, int way, int *fd,
				    struct ipc_err *err)
{
	char path[LX_FILE_PATH_MAX];

	/* without O_NONBLOCK it would wait for a server that died just now */
	*fd = open(lx_folder_file(folder, file, path),
		   way | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return ipc_fail(err, "open", path);
	return lx_nonblock(*fd, false, NULL, err);
}

static enum ipc_rc connect_to(const char *name, const struct ipc_opts *opts,
			      unsigned needs, struct ipc_link *link,
			      struct ipc_err *err)
{
	struct lx_folder folder;
	int rd = -1, wr = -1;
	enum ipc_rc rc = lx_folder_find(name, &folder, err);

	if (!rc) /* fails if the server is dead, which reading would not */
		rc = open_client_side(&folder, LX_FILE_IN, O_WRONLY, &wr, err);
	if (!rc && has_out(opts, needs))
		rc = open_client_side(&folder, LX_FILE_OUT, O_RDONLY, &rd, err);
	if (!rc && !has_in(opts, needs)) {
		lx_close(wr);
		wr = -1;
	}
	if (rc) {
		lx_close(rd);
		lx_close(wr);
		return rc;
	}
	fill(link, folder.path, rd, wr,
	     rd >= 0 ? opts->out_buffer : opts->in_buffer,
	     lx_pipe_buffer(rd >= 0 ? rd : wr, IPC_BUFFER_OS));
	return IPC_OK;
}

const struct ipc_transport ipc_transport_fifo = {
	.name = "fifo",
	.summary = "mkfifo: a pipe with a name, one-way, without connections",
	.gives = CAPS,
	.makes = "mkdir(0700), mkfifo(0600), chmod, open(O_NONBLOCK | O_NOFOLLOW), "
		 "fcntl(F_SETPIPE_SZ), inotify until the client is there",
	.joins = "open(O_NONBLOCK | O_NOFOLLOW), then without O_NONBLOCK",
	.knobs = "direction name wait buffer in-buffer out-buffer "
		 "write-through security",
	.message_max = lx_no_limit,
	.listen = listen_at,
	.accept = accept_one,
	.connect = connect_to,
	.unlisten = unlisten,
};
