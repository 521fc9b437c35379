#include "ipc/meddle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_ulong pokes;

static enum ipc_rc send_signal(const struct ipc_proc *proc, int number,
			       struct ipc_err *err)
{
	if (!proc->id || proc->reaped)
		return ipc_refuse(err, IPC_GONE, "kill", "no child");
	if (kill((pid_t)proc->id, number) < 0)
		return ipc_fail(err, "kill", NULL);
	return IPC_OK;
}

enum ipc_rc ipc_proc_pause(const struct ipc_proc *proc, struct ipc_err *err)
{
	return send_signal(proc, SIGSTOP, err);
}

enum ipc_rc ipc_proc_go_on(const struct ipc_proc *proc, struct ipc_err *err)
{
	return send_signal(proc, SIGCONT, err);
}

void ipc_proc_shoot(const struct ipc_proc *proc)
{
	send_signal(proc, SIGKILL, NULL);
}

enum ipc_rc ipc_proc_poke(const struct ipc_proc *proc, struct ipc_err *err)
{
	return send_signal(proc, SIGUSR1, err);
}

enum ipc_rc ipc_proc_read(const struct ipc_proc *proc, uint64_t address,
			  void *buf, size_t bytes, struct ipc_err *err)
{
	struct iovec here = { buf, bytes };
	struct iovec there = { (void *)(uintptr_t)address, bytes };
	ssize_t got;

	if (!proc->id || proc->reaped)
		return ipc_refuse(err, IPC_GONE, "process_vm_readv",
				  "no child");
	got = process_vm_readv((pid_t)proc->id, &here, 1, &there, 1, 0);
	if (got < 0)
		return ipc_fail(err, "process_vm_readv", NULL);
	return (size_t)got == bytes
	       ? IPC_OK
	       : ipc_refuse(err, IPC_GONE, "process_vm_readv", "cut short");
}

static void on_poke(int number)
{
	(void)number;
	atomic_fetch_add_explicit(&pokes, 1, memory_order_relaxed);
}

/* Without SA_RESTART, so that every interrupted call says EINTR. */
void ipc_poke_catch(void)
{
	struct sigaction action = { .sa_handler = on_poke };

	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
}

uint64_t ipc_poke_count(void)
{
	return atomic_load(&pokes);
}

uint64_t ipc_handle_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t count = 0;
	struct dirent *entry;

	if (!dir)
		return IPC_UNKNOWN;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count - 1; /* the folder's own */
}

/* What is there now, mapped; 0 if /proc does not say. */
static uint64_t mapped_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long pages;
	int got;

	if (!file)
		return 0;
	got = fscanf(file, "%llu", &pages);
	fclose(file);
	return got == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static enum ipc_rc set_limit(int what, uint64_t most, const char *name,
			     struct ipc_err *err)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0)
		return ipc_fail(err, "getrlimit", name);
	limit.rlim_cur = most < limit.rlim_max ? (rlim_t)most : limit.rlim_max;
	if (setrlimit((__rlimit_resource_t)what, &limit) < 0)
		return ipc_fail(err, "setrlimit", name);
	return IPC_OK;
}

enum ipc_rc ipc_limit_handles(uint64_t most, struct ipc_err *err)
{
	return set_limit(RLIMIT_NOFILE, most, "open files", err);
}

enum ipc_rc ipc_limit_memory(uint64_t more, struct ipc_err *err)
{
	uint64_t now = mapped_bytes();

	if (!now)
		return ipc_refuse(err, IPC_UNSUPPORTED, "limit",
				  "/proc does not say what is mapped");
	return set_limit(RLIMIT_AS, more > UINT64_MAX - now ? UINT64_MAX
							    : now + more,
			 "address space", err);
}

enum ipc_rc ipc_limit_file(uint64_t most, struct ipc_err *err)
{
	return set_limit(RLIMIT_FSIZE, most, "file size", err);
}

enum ipc_rc ipc_link_resize(const struct ipc_link *link, size_t bytes,
			    struct ipc_err *err)
{
	ipc_handle handle = link->wr != IPC_NO_HANDLE ? link->wr : link->rd;
	int value = bytes > 0x7fffffff ? 0x7fffffff : (int)bytes;

	if (link->caps & IPC_CAP_PIPE)
		return fcntl((int)handle, F_SETPIPE_SZ, value) < 0
		       ? ipc_fail(err, "F_SETPIPE_SZ", link->name)
		       : IPC_OK;
	if (setsockopt((int)handle, SOL_SOCKET, SO_SNDBUF, &value,
		       sizeof(value)) < 0)
		return ipc_fail(err, "SO_SNDBUF", link->name);
	return IPC_OK;
}
