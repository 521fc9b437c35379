#include "ipc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/linux/linux.h"

/* Between fork and exec: system calls only. */
struct child {
	const struct ipc_spawn *how;
	char      **argv;
	pid_t       parent;
	int         std[3];
	int         report; /* where a failure's errno goes */
	const char *program; /* what is executed: how->path, or the prefix */
};

/* Descriptors that whoever started us let slip must not go further. */
static void forget_strangers(void)
{
	struct rlimit limit = { .rlim_cur = 1024 };
	int last;

#if defined(SYS_close_range)
	if (syscall(SYS_close_range, 3U, ~0U, 4U /* CLOEXEC */) == 0)
		return;
#endif
	getrlimit(RLIMIT_NOFILE, &limit); /* before Linux 5.11 */
	last = limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
	for (int fd = 3; fd < last; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static bool place_handles(const struct child *child)
{
	const struct ipc_spawn *how = child->how;
	int above[3];

	/* out of 0..2 first: one of them may be the source of another */
	for (int i = 0; i < 3; i++) {
		above[i] = fcntl(child->std[i], F_DUPFD_CLOEXEC, 3);
		if (above[i] < 0)
			return false;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(above[i], i) < 0)
			return false;
	for (size_t i = 0; i < how->inherit_count; i++)
		if (fcntl((int)how->inherit[i], F_SETFD, 0) < 0)
			return false;
	return true;
}

static void child_main(const struct child *child)
{
	sigset_t none;
	int code;

	/* kept across exec; ipc_die_with_parent makes it a gentler one */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != child->parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL); /* the two that we ignore */
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	forget_strangers();
	if (place_handles(child)) {
		if (child->program != child->how->path)
			execvp(child->program, child->argv);
		else
			execv(child->program, child->argv);
	}
	code = errno;
	while (write(child->report, &code, sizeof(code)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* prefix, path, arguments; freed by the caller, the strings are shared. */
static char **whole_argv(const struct ipc_spawn *how)
{
	size_t front = count(how->prefix), own = count(how->argv);
	const char **argv = calloc(front + own + 1, sizeof(*argv));

	if (!argv)
		return NULL;
	for (size_t i = 0; i < front; i++)
		argv[i] = how->prefix[i];
	for (size_t i = 0; i < own; i++)
		argv[front + i] = how->argv[i];
	if (front && own)
		argv[front] = how->path; /* a command needs the real one */
	return (char **)argv;
}

/* The child says why it could not start, or closes the pipe by starting. */
static enum ipc_rc await_exec(int from_child, pid_t pid, const char *path,
			      struct ipc_err *err)
{
	int code = 0;
	ssize_t got;

	do
		got = read(from_child, &code, sizeof(code));
	while (got < 0 && errno == EINTR);
	if (got != sizeof(code))
		return IPC_OK;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ipc_fail_io(err, IPC_WAY_OTHER, (uint32_t)code, "execve", path);
}

static enum ipc_rc start(const struct ipc_spawn *how, struct child *child,
			 struct ipc_proc *proc, struct ipc_err *err)
{
	int report[2];
	enum ipc_rc rc;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0)
		return ipc_fail(err, "pipe2", how->path);
	child->report = report[1];
	pid = fork();
	if (pid == 0)
		child_main(child);
	if (pid < 0) {
		rc = ipc_fail(err, "fork", how->path);
		lx_close(report[1]);
	} else {
		lx_close(report[1]); /* or its end would never come */
		rc = await_exec(report[0], pid, child->program, err);
	}
	lx_close(report[0]);
	if (rc)
		return rc;
	proc->id = (uint64_t)pid;
	proc->reaped = false;
	/* -1 before Linux 5.3: then ipc_proc_wait looks again and again */
	proc->handle = (intptr_t)syscall(SYS_pidfd_open, pid, 0U);
	return IPC_OK;
}

enum ipc_rc ipc_spawn(const struct ipc_spawn *how, struct ipc_proc *proc,
		      struct ipc_err *err)
{
	struct child child = { .how = how, .parent = getpid() };
	enum ipc_rc rc;
	int nothing;

	*proc = (struct ipc_proc){ .handle = -1 };
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0)
		return ipc_fail(err, "open", "/dev/null");
	child.std[0] = how->std_in == IPC_NO_HANDLE ? nothing : (int)how->std_in;
	child.std[1] = how->std_out == IPC_NO_HANDLE ? nothing
						     : (int)how->std_out;
	child.std[2] = how->std_err == IPC_NO_HANDLE ? 2 : (int)how->std_err;
	child.argv = whole_argv(how);
	child.program = count(how->prefix) ? how->prefix[0] : how->path;
	if (child.argv)
		rc = start(how, &child, proc, err);
	else
		rc = ipc_refuse(err, IPC_NOMEM, "calloc", how->path);
	free(child.argv);
	lx_close(nothing);
	return rc;
}

/* Wait for a change at most until then; early is fine. */
static void await_end(const struct ipc_proc *proc, uint64_t left_ns)
{
	struct pollfd end = { .fd = (int)proc->handle, .events = POLLIN };
	struct timespec left = { .tv_sec = (time_t)(left_ns / 1000000000u),
				 .tv_nsec = (long)(left_ns % 1000000000u) };

	if (proc->handle >= 0)
		ppoll(&end, 1, &left, NULL);
	else
		ipc_sleep_ns(left_ns < 1000000 ? left_ns : 1000000);
}

static void reaped(struct ipc_proc *proc)
{
	lx_close((int)proc->handle);
	proc->handle = -1;
	proc->reaped = true;
}

enum ipc_rc ipc_proc_wait(struct ipc_proc *proc, uint64_t timeout_ns,
			  struct ipc_exit *how, struct ipc_err *err)
{
	uint64_t now = ipc_now_ns(), until = now + timeout_ns;
	siginfo_t info;

	if (until < now)
		until = UINT64_MAX;
	if (!proc->id || proc->reaped)
		return ipc_refuse(err, IPC_INVALID, "waitid", "no child");
	for (;; now = ipc_now_ns()) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)proc->id, &info, WEXITED | WNOHANG) < 0 &&
		    errno != EINTR)
			return ipc_fail(err, "waitid", NULL);
		if (info.si_pid)
			break;
		if (now >= until)
			return ipc_refuse(err, IPC_TIMEOUT, "waitid",
					  "still runs");
		await_end(proc, until - now);
	}
	how->killed = info.si_code != CLD_EXITED;
	how->code = info.si_status;
	reaped(proc);
	return IPC_OK;
}

void ipc_proc_kill(struct ipc_proc *proc)
{
	if (!proc->id || proc->reaped)
		return;
	kill((pid_t)proc->id, SIGKILL);
	while (waitpid((pid_t)proc->id, NULL, 0) < 0 && errno == EINTR)
		;
	reaped(proc);
}

static void parent_died(int number)
{
	(void)number;
	lx_folders_sweep();
	_exit(128 + SIGKILL);
}

/*
 * Up to here the parent's death is a SIGKILL, set before exec; from here on
 * it is a signal whose handler removes what has a name.  SIGRTMAX: nobody
 * else uses it.
 */
void ipc_die_with_parent(void)
{
	struct sigaction action = { .sa_handler = parent_died };

	sigfillset(&action.sa_mask);
	sigaction(SIGRTMAX, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGRTMAX);
}

uint64_t ipc_process_id(void)
{
	return (uint64_t)getpid();
}

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u +
	       (uint64_t)time.tv_usec * 1000u;
}

void ipc_usage_now(struct ipc_usage *usage)
{
	struct rusage now;

	getrusage(RUSAGE_SELF, &now);
	usage->cpu_user_ns = timeval_ns(now.ru_utime);
	usage->cpu_sys_ns = timeval_ns(now.ru_stime);
	usage->vol_switches = (uint64_t)now.ru_nvcsw;
	usage->invol_switches = (uint64_t)now.ru_nivcsw;
	usage->faults = (uint64_t)now.ru_minflt + (uint64_t)now.ru_majflt;
	usage->resident_max_bytes = (uint64_t)now.ru_maxrss * 1024u;
}

enum ipc_rc ipc_program_folder(char *buf, size_t size, struct ipc_err *err)
{
	ssize_t len = readlink("/proc/self/exe", buf, size);
	char *slash;

	if (len < 0)
		return ipc_fail(err, "readlink", "/proc/self/exe");
	if ((size_t)len >= size)
		return ipc_refuse(err, IPC_INVALID, "readlink",
				  "path of the program is too long");
	buf[len] = '\0';
	slash = strrchr(buf, '/');
	if (slash)
		*slash = '\0';
	return IPC_OK;
}
