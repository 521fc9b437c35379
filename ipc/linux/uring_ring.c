/* The ring itself: what the kernel offers, entries, completions. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "ipc/linux/uring.h"

enum { ENTRIES_MAX = 8192, REAP = 64 };

/* Is it there? */

static int disabled_level(void)
{
	FILE *file = fopen("/proc/sys/kernel/io_uring_disabled", "re");
	int level = 0;

	if (file && fscanf(file, "%d", &level) != 1)
		level = 0;
	if (file)
		fclose(file);
	return level;
}

static unsigned long long locked_limit(void)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	return limit.rlim_cur;
}

static enum ipc_rc refuse_setup(int failed, struct ipc_err *err)
{
	int level = disabled_level();

	if (failed == EPERM && level)
		return ipc_refusef(err, IPC_UNSUPPORTED, "uring",
				   "kernel.io_uring_disabled is %d here: "
				   "io_uring is switched off", level);
	if (failed == EPERM || failed == EACCES)
		return ipc_refuse(err, IPC_UNSUPPORTED, "uring",
				  "io_uring_setup is forbidden here (seccomp, "
				  "as in many containers)");
	if (failed == ENOSYS)
		return ipc_refuse(err, IPC_UNSUPPORTED, "uring",
				  "this kernel has no io_uring");
	if (failed == ENOMEM)
		return ipc_refusef(err, IPC_NOMEM, "io_uring_setup",
				   "the rings cannot be locked: RLIMIT_MEMLOCK "
				   "is %llu bytes; raise it (ulimit -l)",
				   locked_limit());
	return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
			   "io_uring_setup", "uring");
}

enum ipc_rc uring_probe(struct ipc_err *err)
{
	static const int needed[] = {
		IORING_OP_READ, IORING_OP_WRITE, IORING_OP_READ_FIXED,
		IORING_OP_WRITE_FIXED, IORING_OP_WRITEV, IORING_OP_SEND,
		IORING_OP_RECVMSG, IORING_OP_ASYNC_CANCEL
	};
	struct io_uring ring;
	struct io_uring_probe *probe;
	int failed = -io_uring_queue_init(2, &ring, 0);
	bool all = true;

	if (failed)
		return refuse_setup(failed, err);
	probe = io_uring_get_probe_ring(&ring);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		all = all && probe &&
		      io_uring_opcode_supported(probe, needed[i]);
	io_uring_free_probe(probe);
	io_uring_queue_exit(&ring);
	if (!all)
		return ipc_refuse(err, IPC_UNSUPPORTED, "uring",
				  "this kernel's io_uring has no READ and "
				  "WRITE: it is older than 5.6");
	return IPC_OK;
}

/* Open and close. */

static const struct {
	const char *name;
	unsigned    flags;
} modes[] = { /* in the order of enum ipc_ring, after auto */
	{ "defer", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN },
	{ "coop", IORING_SETUP_COOP_TASKRUN },
	{ "plain", 0 },
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static int init(struct uring_hub *hub, unsigned mode)
{
	uint64_t all = (uint64_t)hub->ends_max * (hub->opts.depth + 1);
	unsigned entries = all < ENTRIES_MAX ? (unsigned)all : ENTRIES_MAX;
	struct io_uring_params params = {
		.flags = modes[mode].flags | IORING_SETUP_CLAMP |
			 IORING_SETUP_CQSIZE,
	};

	/* a chain always fits: it is never split between two calls */
	params.cq_entries = all < 1 << 16 ? 2 * (unsigned)all : 1 << 17;
	return -io_uring_queue_init_params(entries, &hub->ring, &params);
}

/* auto takes the next weaker mode; one that was asked for is refused. */
static enum ipc_rc init_any(struct uring_hub *hub, unsigned *mode,
			    struct ipc_err *err)
{
	bool any = hub->opts.ring == IPC_RING_AUTO;
	int failed;

	*mode = !any ? hub->opts.ring - 1
		     : (hub->opts.idles ? IPC_RING_COOP : IPC_RING_DEFER) - 1;
	failed = init(hub, *mode);
	while (any && failed == EINVAL && *mode + 1 < MODES)
		failed = init(hub, ++*mode);
	if (failed == EINVAL)
		return ipc_refusef(err, IPC_UNSUPPORTED, "ring",
				   "this kernel has no ring of kind %s; "
				   "ring = auto", modes[*mode].name);
	return failed ? refuse_setup(failed, err) : IPC_OK;
}

static enum ipc_rc make_tables(struct uring_hub *hub, struct ipc_err *err)
{
	unsigned count = hub->ends_max * 2;
	int failed;

	if (hub->opts.registered == IPC_REGISTERED_NO)
		return IPC_OK;
	failed = -io_uring_register_files_sparse(&hub->ring, count);
	if (!failed)
		failed = -io_uring_register_buffers_sparse(&hub->ring, count);
	hub->registered = !failed;
	if (failed && hub->opts.registered == IPC_REGISTERED_YES)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
				   "io_uring_register",
				   "registered = no goes without");
	return IPC_OK;
}

enum ipc_rc uring_ring_open(struct uring_hub *hub, struct ipc_err *err)
{
	unsigned mode;
	enum ipc_rc rc = init_any(hub, &mode, err);

	if (rc)
		return rc;
	hub->defer = modes[mode].flags & IORING_SETUP_DEFER_TASKRUN;
	rc = make_tables(hub, err);
	if (rc) {
		io_uring_queue_exit(&hub->ring);
		return rc;
	}
	io_uring_register_ring_fd(&hub->ring); /* saves a look-up a call */
	snprintf(hub->base.how, sizeof(hub->base.how),
		 "%s, one chain of writes, one read%s", modes[mode].name,
		 hub->registered ? ", registered" : "");
	return IPC_OK;
}

void uring_ring_close(struct uring_hub *hub)
{
	io_uring_queue_exit(&hub->ring);
}

/* Registered descriptors and buffers: the end's wr at 2 i, its rd behind it. */

static int set_file(struct uring_end *end, bool reads, int fd)
{
	return io_uring_register_files_update(&uring_hub_of(end)->ring,
					      end->index * 2 + reads, &fd, 1);
}

static int set_buffer(struct uring_end *end, bool reads, void *base, size_t len)
{
	struct iovec region = { .iov_base = base, .iov_len = len };

	return io_uring_register_buffers_update_tag(
		&uring_hub_of(end)->ring, end->index * 2 + reads, &region,
		&(__u64){ 0 }, 1);
}

static size_t out_bytes(const struct fd_end *fd)
{
	return fd->out ? fd->out_stride * fd->out_slots : 0;
}

static size_t in_bytes(const struct fd_end *fd)
{
	return fd->in.base ? fd->in.stride * fd->in.slots : 0;
}

static enum ipc_rc refuse_buffers(const struct fd_end *fd, int failed,
				  struct ipc_err *err)
{
	if (failed == ENOMEM)
		return ipc_refusef(err, IPC_NOMEM, "registered",
				   "%zu bytes of buffers cannot be locked: "
				   "RLIMIT_MEMLOCK is %llu bytes; raise it "
				   "(ulimit -l), or registered = no",
				   out_bytes(fd) + in_bytes(fd),
				   locked_limit());
	return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)failed,
			   "io_uring_register", "buffers; registered = no "
						"goes without");
}

static enum ipc_rc register_buffers(struct uring_end *end, struct ipc_err *err)
{
	struct uring_hub *hub = uring_hub_of(end);
	struct fd_end *fd = &end->fd;
	int done = 1;

	if (fd->out)
		done = set_buffer(end, false, fd->out, out_bytes(fd));
	if (done == 1 && fd->in.base)
		done = set_buffer(end, true, fd->in.base, in_bytes(fd));
	end->buffer_fixed = done == 1;
	if (done == 1)
		return IPC_OK;
	if (hub->opts.registered == IPC_REGISTERED_YES)
		return refuse_buffers(fd, -done, err);
	if (!hub->told)
		snprintf(hub->base.how + strlen(hub->base.how),
			 sizeof(hub->base.how) - strlen(hub->base.how),
			 " but for buffers (RLIMIT_MEMLOCK)");
	hub->told = true;
	return IPC_OK;
}

enum ipc_rc uring_register(struct uring_end *end, struct ipc_err *err)
{
	int done = 1;

	if (!uring_hub_of(end)->registered)
		return IPC_OK;
	if (end->fd.wr >= 0)
		done = set_file(end, false, end->fd.wr);
	if (done == 1 && end->fd.rd >= 0)
		done = set_file(end, true, end->fd.rd);
	if (done != 1)
		return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)-done,
				   "io_uring_register", "descriptor");
	end->file_fixed = true;
	return register_buffers(end, err);
}

void uring_unregister(struct uring_end *end)
{
	for (int reads = 0; reads < 2 && uring_hub_of(end)->registered;
	     reads++) {
		set_buffer(end, reads, NULL, 0);
		set_file(end, reads, -1);
	}
	end->file_fixed = end->buffer_fixed = false;
}

void uring_label(struct uring_end *end, struct io_uring_sqe *sqe,
		 enum uring_kind kind, unsigned op)
{
	io_uring_sqe_set_data64(sqe, uring_about(end, kind, op));
	if (!end->file_fixed)
		return;
	sqe->fd = (int)end->index * 2 + (kind == URING_READ);
	sqe->flags |= IOSQE_FIXED_FILE;
}

/* Entries and completions. */

/* Such answers come before any harm is done: the call is made again. */
static bool passing(int result)
{
	return result == -EINTR || result == -EAGAIN || result == -EBUSY;
}

static enum ipc_rc enter_failed(struct uring_hub *hub, int result)
{
	return ipc_fail_io(&hub->base.err, IPC_WAY_OTHER, (uint32_t)-result,
			   "io_uring_enter", NULL);
}

enum ipc_rc uring_submit(struct uring_hub *hub)
{
	while (io_uring_sq_ready(&hub->ring)) {
		int result = io_uring_submit(&hub->ring);

		if (result < 0 && !passing(result))
			return enter_failed(hub, result);
		if (result < 0)
			uring_reap(hub);
	}
	return IPC_OK;
}

enum ipc_rc uring_make_room(struct uring_hub *hub, unsigned count)
{
	if (io_uring_sq_space_left(&hub->ring) >= count)
		return IPC_OK;
	hub->base.waits++;
	return uring_submit(hub);
}

static void deal_with(struct uring_hub *hub, const struct io_uring_cqe *cqe)
{
	uint64_t about = cqe->user_data;
	struct uring_end *end = hub->table[about >> 32];

	switch (about >> 16 & 0xffff) {
	case URING_READ:
		uring_received(end, cqe->res);
		break;
	case URING_WRITE:
		uring_sent(end, about & 0xffff, cqe->res);
		break;
	default:
		hub->cancels--;
	}
}

unsigned uring_reap(struct uring_hub *hub)
{
	struct io_uring_cqe *cqes[REAP];
	unsigned total = 0, count;

	do {
		count = io_uring_peek_batch_cqe(&hub->ring, cqes, REAP);
		for (unsigned i = 0; i < count; i++)
			deal_with(hub, cqes[i]);
		io_uring_cq_advance(&hub->ring, count);
		total += count;
	} while (count == REAP);
	return total;
}

enum ipc_rc uring_wait(struct uring_hub *hub, unsigned count)
{
	enum ipc_rc rc = uring_start_held(hub);
	int result;

	if (rc)
		return rc;
	hub->base.waits++;
	result = count ? io_uring_submit_and_wait(&hub->ring, count)
		       : io_uring_submit_and_get_events(&hub->ring);
	if (result < 0 && !passing(result))
		return enter_failed(hub, result);
	uring_reap(hub);
	return IPC_OK;
}
