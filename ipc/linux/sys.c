#include "ipc/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ipc/linux/linux.h"

enum { CPU_MAX = 8192 };

size_t ipc_cpus(unsigned *list, size_t room)
{
	cpu_set_t *set = CPU_ALLOC(CPU_MAX);
	size_t bytes = CPU_ALLOC_SIZE(CPU_MAX), found = 0;

	if (!set || sched_getaffinity(0, bytes, set) < 0) {
		CPU_FREE(set);
		return 0;
	}
	for (unsigned i = 0; i < CPU_MAX && found < room; i++)
		if (CPU_ISSET_S(i, bytes, set))
			list[found++] = i;
	CPU_FREE(set);
	return found;
}

enum ipc_rc ipc_pin(unsigned cpu, struct ipc_err *err)
{
	cpu_set_t *set = CPU_ALLOC(CPU_MAX);
	size_t bytes = CPU_ALLOC_SIZE(CPU_MAX);
	char what[32];
	int done;

	if (!set || cpu >= CPU_MAX) {
		CPU_FREE(set);
		return ipc_refuse(err, IPC_INVALID, "pin", "no such CPU");
	}
	CPU_ZERO_S(bytes, set);
	CPU_SET_S(cpu, bytes, set);
	done = sched_setaffinity(0, bytes, set);
	CPU_FREE(set);
	snprintf(what, sizeof(what), "CPU %u", cpu);
	return done < 0 ? ipc_fail(err, "sched_setaffinity", what) : IPC_OK;
}

int ipc_current_cpu(void)
{
	return sched_getcpu();
}

static enum ipc_rc set_fifo(const char *number, struct ipc_err *err)
{
	struct sched_param param = { .sched_priority = atoi(number) };
	int least = sched_get_priority_min(SCHED_FIFO);
	int most = sched_get_priority_max(SCHED_FIFO);

	if (param.sched_priority < least || param.sched_priority > most)
		return ipc_refusef(err, IPC_INVALID, "priority",
				   "fifo:%.16s: write fifo:%d to fifo:%d",
				   number, least, most);
	if (sched_setscheduler(0, SCHED_FIFO, &param) < 0)
		return ipc_fail(err, "sched_setscheduler", "needs CAP_SYS_NICE");
	return IPC_OK;
}

enum ipc_rc ipc_set_priority(const char *priority, struct ipc_err *err)
{
	if (strcmp(priority, "normal") == 0)
		return IPC_OK;
	if (strncmp(priority, "fifo:", 5) == 0)
		return set_fifo(priority + 5, err);
	if (strcmp(priority, "high") != 0)
		return ipc_refusef(err, IPC_INVALID, "priority",
				   "%.32s: write normal, high or fifo:N",
				   priority);
	if (setpriority(PRIO_PROCESS, 0, -10) < 0)
		return ipc_fail(err, "setpriority", "needs CAP_SYS_NICE");
	return IPC_OK;
}

void ipc_yield(void)
{
	sched_yield();
}

enum ipc_rc ipc_random(void *buf, size_t size, struct ipc_err *err)
{
	char *at = buf;

	while (size) {
		ssize_t got = getrandom(at, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ipc_fail(err, "getrandom", NULL);
		at += got;
		size -= (size_t)got;
	}
	return IPC_OK;
}

const char *ipc_wine(void)
{
	return NULL;
}

static bool fit_for_a_file_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

const char *ipc_node_name(char *buf, size_t size)
{
	size_t len = 0;

	if (gethostname(buf, size) < 0)
		buf[0] = '\0';
	buf[size - 1] = '\0';
	while (fit_for_a_file_name(buf[len]))
		len++;
	buf[len] = '\0';
	if (!len)
		snprintf(buf, size, "host");
	return buf;
}

unsigned ipc_terminal_width(FILE *stream)
{
	struct winsize is;
	int fd = fileno(stream);

	if (fd < 0 || !isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &is) < 0 || !is.ws_col)
		return 80;
	return is.ws_col;
}

bool ipc_terminal_styles(FILE *stream)
{
	return ipc_terminal_width(stream) > 0;
}

/*
 * A program that starts with its standard handles closed would get a pipe
 * under test as its standard output.
 */
void ipc_program_start(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(3);
	/* A file that may not grow is an error of the write, as a full disk. */
	signal(SIGXFSZ, SIG_IGN);
}

/* A second writer would cut off and overwrite what the first one adds. */
static FILE *alone(FILE *file, const char *path, struct ipc_err *err)
{
	if (flock(fileno(file), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return file; /* ours, or not to be had on this file system */
	ipc_fail(err, "flock", path);
	fclose(file);
	return NULL;
}

FILE *ipc_file_create(const char *path, struct ipc_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file) {
		ipc_fail(err, "open", path);
		lx_close(fd);
		return NULL;
	}
	return alone(file, path, err);
}

FILE *ipc_file_open(const char *path, const char *mode, struct ipc_err *err)
{
	char with_cloexec[16];
	FILE *file;

	snprintf(with_cloexec, sizeof(with_cloexec), "%.8se", mode);
	file = fopen(path, with_cloexec);
	if (!file) {
		ipc_fail(err, "open", path);
		return NULL;
	}
	return strchr(mode, '+') || mode[0] != 'r' ? alone(file, path, err)
						: file;
}

enum ipc_rc ipc_file_truncate(FILE *file, uint64_t size, struct ipc_err *err)
{
	if (fflush(file) != 0 || ftruncate(fileno(file), (off_t)size) < 0)
		return ipc_fail(err, "ftruncate", NULL);
	return IPC_OK;
}

void ipc_file_remove(const char *path)
{
	unlink(path);
}

/* Scripts say so in their first line, by way of env, which would end with 127. */
static bool is_for_python(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[80] = "";

	if (!file)
		return false; /* execv says why */
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return !strcmp(line, "#!/usr/bin/env python3\n");
}

static bool is_on_path(const char *program)
{
	const char *at = getenv("PATH");
	char path[IPC_NAME_MAX];

	for (size_t length; at && *at; at += length + (at[length] == ':')) {
		length = strcspn(at, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)length, at, program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return !at; /* execvp has a path of its own then */
}

enum ipc_rc ipc_become(const char *folder, const char *name, char **argv,
		       int *status, struct ipc_err *err)
{
	char path[IPC_NAME_MAX];
	enum ipc_rc rc;
	int len;

	(void)status; /* this process is no more, or nothing happened */
	len = snprintf(path, sizeof(path), "%s/pipemark-%s", folder, name);
	if (len >= (int)sizeof(path))
		return ipc_refuse(err, IPC_NOT_FOUND, name, "no such command");
	if (access(path, F_OK) < 0)
		return ipc_fail(err, "access", path);
	if (is_for_python(path) && !is_on_path("python3"))
		return ipc_refusef(err, IPC_UNSUPPORTED, "execv",
				   "%.200s needs python3, which is not here",
				   path);
	execv(path, argv);
	rc = ipc_fail(err, "execv", path);
	if (rc == IPC_NOT_FOUND) /* it exists; what runs it does not */
		rc = ipc_refusef(err, IPC_UNSUPPORTED, "execv",
				 "what runs %.200s is not here", path);
	return rc;
}
