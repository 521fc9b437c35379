/* What /proc says about a process that does not answer. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/meddle.h"

enum { HANDLES_SHOWN = 24 };

struct teller {
	uint64_t     id;
	ipc_line_fn *tell;
	void        *user;
};

/* One line, or each line, of a file of /proc/ID; why not, if it cannot be. */
static void tell_file(const struct teller *t, const char *file, int lines)
{
	char path[64], line[200], text[260];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%llu/%s",
		 (unsigned long long)t->id, file);
	in = fopen(path, "re");
	if (!in || !fgets(line, sizeof(line), in)) {
		snprintf(text, sizeof(text), "%s: not told (%s)", file,
			 errno == EACCES || errno == EPERM ? "denied" : "gone");
		t->tell(t->user, text);
		lines = 0;
	}
	while (lines-- > 0) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, sizeof(text), "%s: %s", file, line);
		t->tell(t->user, text);
		if (!fgets(line, sizeof(line), in))
			break;
	}
	if (in)
		fclose(in);
}

static void tell_state(const struct teller *t)
{
	char path[64], line[128];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%llu/status",
		 (unsigned long long)t->id);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		for (char *tab = line; (tab = strchr(tab, '\t')); )
			*tab = ' ';
		if (!strncmp(line, "State:", 6) ||
		    !strncmp(line, "Threads:", 8) ||
		    !strncmp(line, "VmRSS:", 6))
			t->tell(t->user, line);
	}
	if (in)
		fclose(in);
}

/* A copy of the child's descriptor, of any kind; a pipe by path otherwise. */
static int borrow(uint64_t id, int fd)
{
	int got = -1;
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)
	int process = (int)syscall(SYS_pidfd_open, (pid_t)id, 0U);

	if (process >= 0) {
		got = (int)syscall(SYS_pidfd_getfd, process, fd, 0U);
		close(process);
	}
#endif
	if (got < 0) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%llu/fd/%d",
			 (unsigned long long)id, fd);
		got = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	return got;
}

static void tell_handle(const struct teller *t, int fd, const char *target)
{
	int copy = borrow(t->id, fd), unread = -1, unsent = -1, size = -1;
	char text[400];

	if (copy >= 0) {
		if (ioctl(copy, FIONREAD, &unread) < 0)
			unread = -1;
		if (strncmp(target, "socket:", 7) ||
		    ioctl(copy, SIOCOUTQ, &unsent) < 0)
			unsent = -1;
		size = fcntl(copy, F_GETPIPE_SZ);
		close(copy);
	}
	snprintf(text, sizeof(text), "handle %d: %.200s, %d bytes unread, %d "
		 "unsent, room %d (-1: untold)", fd, target, unread, unsent,
		 size);
	t->tell(t->user, text);
}

static void tell_handles(const struct teller *t)
{
	char folder[64], path[320], target[256];
	int shown = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%llu/fd",
		 (unsigned long long)t->id);
	dir = opendir(folder);
	while (dir && shown < HANDLES_SHOWN && (entry = readdir(dir))) {
		ssize_t length;

		snprintf(path, sizeof(path), "%s/%.200s", folder,
			 entry->d_name);
		length = readlink(path, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		if (!strstr(target, "pipe") && !strstr(target, "socket:") &&
		    !strstr(target, "fifo"))
			continue;
		tell_handle(t, atoi(entry->d_name), target);
		shown++;
	}
	if (dir)
		closedir(dir);
}

void ipc_proc_diagnose(const struct ipc_proc *proc, ipc_line_fn *tell,
		       void *user)
{
	struct teller t = { proc->id, tell, user };

	if (!proc->id || proc->reaped) {
		tell(user, "has ended");
		return;
	}
	tell_state(&t);
	tell_file(&t, "wchan", 1);
	tell_file(&t, "syscall", 1);
	tell_file(&t, "stack", 16);
	tell_handles(&t);
}
