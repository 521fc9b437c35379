/*
 * Names of named transports: a folder that only its owner can enter, in the
 * temporary folder, locked by the server that made it.  The lock goes with
 * the process, however that ends, so a folder with a free lock is garbage.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/linux/linux.h"
#include "ipc/sys.h"

enum { MADE_MAX = 16, TRIES = 2000 }; /* of 50 us and more: a sweeper may be slow */

/* What this process has made, for the handlers; live is written last. */
static struct {
	char                  path[LX_PATH_MAX];
	volatile sig_atomic_t live;
	volatile pid_t        owner; /* a forked child has a copy */
} made[MADE_MAX];

static const char *const files[] = {
	LX_FILE_IN, LX_FILE_OUT, LX_FILE_SOCK, LX_FILE_NEW
};
enum { FILE_COUNT = sizeof(files) / sizeof(files[0]) };

/* System calls and string copies only: a signal handler comes here. */
static void remove_folder(const char *path)
{
	char file[LX_FILE_PATH_MAX];
	size_t len = strlen(path);

	memcpy(file, path, len);
	file[len] = '/';
	for (int i = 0; i < FILE_COUNT; i++) {
		memcpy(file + len + 1, files[i], strlen(files[i]) + 1);
		unlink(file);
	}
	rmdir(path);
}

void lx_folders_sweep(void)
{
	for (int i = 0; i < MADE_MAX; i++)
		if (made[i].live && made[i].owner == getpid())
			remove_folder(made[i].path);
}

static void swept_and_gone(int number)
{
	lx_folders_sweep();
	signal(number, SIG_DFL);
	raise(number);
}

/* A Ctrl-C by hand, a closed terminal: nothing may stay behind. */
static void sweep_when_signalled(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction now, sweep = { .sa_handler = swept_and_gone };

	sigemptyset(&sweep.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &now) == 0 &&
		    now.sa_handler == SIG_DFL)
			sigaction(numbers[i], &sweep, NULL);
}

static enum ipc_rc remember(const char *path, struct ipc_err *err)
{
	for (int i = 0; i < MADE_MAX; i++) {
		if (made[i].live)
			continue;
		snprintf(made[i].path, sizeof(made[i].path), "%s", path);
		made[i].owner = getpid();
		made[i].live = 1;
		sweep_when_signalled();
		return IPC_OK;
	}
	return ipc_refuse(err, IPC_INVALID, "name", "too many are listened to");
}

static void forget(const char *path)
{
	for (int i = 0; i < MADE_MAX; i++)
		if (made[i].live && strcmp(made[i].path, path) == 0)
			made[i].live = 0;
}

static const char *temporary(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] ? folder : "/tmp";
}

static enum ipc_rc path_of(const char *name, char path[LX_PATH_MAX],
			   struct ipc_err *err)
{
	int len;

	if (!name[0] || strpbrk(name, "/\\") || name[0] == '.')
		return ipc_refusef(err, IPC_INVALID, "name",
				   "\"%.60s\" is no short name: letters, "
				   "digits, - and _", name);
	len = snprintf(path, LX_PATH_MAX, "%s/pipemark-%u-%s", temporary(),
		       (unsigned)geteuid(), name);
	if (len >= LX_PATH_MAX)
		return ipc_refusef(err, IPC_INVALID, "name",
				   "%.60s makes a path of %d bytes, and a "
				   "socket has room for %d", name, len,
				   LX_PATH_MAX - 1);
	return IPC_OK;
}

const char *lx_folder_file(const struct lx_folder *folder, const char *file,
			   char buf[LX_FILE_PATH_MAX])
{
	snprintf(buf, LX_FILE_PATH_MAX, "%s/%s", folder->path, file);
	return buf;
}

/* Ours alone?  In a shared /tmp anybody may have made it first. */
static enum ipc_rc check_owner(int fd, const char *path, struct ipc_err *err)
{
	struct stat is;

	if (fstat(fd, &is) < 0)
		return ipc_fail(err, "fstat", path);
	if (is.st_uid != geteuid())
		return ipc_refusef(err, IPC_DENIED, "name",
				   "%s belongs to user %u", path,
				   (unsigned)is.st_uid);
	if (is.st_mode & 066)
		return ipc_refusef(err, IPC_DENIED, "name",
				   "%s is open to others: mode %o", path,
				   (unsigned)is.st_mode & 07777);
	return IPC_OK;
}

/* The folder at path, checked; a link in its place is not followed. */
static int open_folder(const char *path, struct ipc_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		ipc_fail(err, "open", path);
		return -1;
	}
	if (check_owner(fd, path, err)) {
		lx_close(fd);
		return -1;
	}
	return fd;
}

static bool still_there(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/*
 * Between mkdir and flock a sweeper may take the folder for garbage: then the
 * folder that was locked is no longer the one of that name, and *again is set.
 */
static enum ipc_rc try_folder(struct lx_folder *folder, bool *again,
			      struct ipc_err *err)
{
	bool new = mkdir(folder->path, 0700) == 0;
	enum ipc_rc rc;

	*again = false;
	if (!new && errno != EEXIST)
		return ipc_fail(err, "mkdir", folder->path);
	folder->lock = open_folder(folder->path, err);
	if (folder->lock < 0) {
		*again = new || err->rc == IPC_NOT_FOUND;
		return err->rc;
	}
	if (flock(folder->lock, LOCK_EX | LOCK_NB) < 0) {
		rc = ipc_fail_io(err, IPC_WAY_OTHER, EADDRINUSE, "flock",
				 folder->path);
		*again = true;
	} else if (!still_there(folder->lock, folder->path)) {
		rc = ipc_fail_io(err, IPC_WAY_OTHER, ENOENT, "flock",
				 folder->path);
		*again = true;
	} else {
		return IPC_OK;
	}
	lx_close(folder->lock);
	folder->lock = -1;
	return rc;
}

unsigned lx_file_mode(const struct ipc_opts *opts)
{
	mode_t mask;

	if (strncmp(opts->security, "mode:", 5) == 0)
		return (unsigned)strtoul(opts->security + 5, NULL, 8);
	if (strcmp(opts->security, "os") != 0)
		return 0600;
	mask = umask(0);
	umask(mask);
	return 0666 & ~(unsigned)mask;
}

/* Passable, never readable, for those who may open the file in it. */
static mode_t folder_mode(unsigned file_mode)
{
	return 0700 | (file_mode & 070 ? 010 : 0) | (file_mode & 07 ? 01 : 0);
}

enum ipc_rc lx_folder_make(const char *name, unsigned file_mode,
			   struct lx_folder *folder, struct ipc_err *err)
{
	char file[LX_FILE_PATH_MAX];
	bool again = true;
	enum ipc_rc rc;

	folder->lock = -1;
	rc = path_of(name, folder->path, err);
	if (rc)
		return rc;
	rc = IPC_BUSY;
	for (int i = 0; again && i < TRIES; i++) {
		rc = try_folder(folder, &again, err);
		if (again)
			ipc_sleep_ns(50000);
	}
	if (rc)
		return rc;
	fchmod(folder->lock, folder_mode(file_mode));
	for (int i = 0; i < FILE_COUNT; i++) /* of a dead server */
		unlink(lx_folder_file(folder, files[i], file));
	rc = remember(folder->path, err);
	if (rc)
		lx_folder_drop(folder);
	return rc;
}

enum ipc_rc lx_folder_find(const char *name, struct lx_folder *folder,
			   struct ipc_err *err)
{
	enum ipc_rc rc;
	int fd;

	folder->lock = -1;
	rc = path_of(name, folder->path, err);
	if (rc)
		return rc;
	fd = open_folder(folder->path, err);
	if (fd < 0)
		return err->rc;
	lx_close(fd); /* to try the lock would keep its server from it */
	return IPC_OK;
}

void lx_folder_drop(struct lx_folder *folder)
{
	if (folder->lock < 0)
		return;
	remove_folder(folder->path);
	forget(folder->path);
	lx_close(folder->lock); /* last: until here the name is ours */
	folder->lock = -1;
}

/*
 * If nobody holds the lock, nobody will miss it; unless it was another's
 * folder, gone by now, that was opened: the one of that name is a new server's.
 */
static void sweep_path(const char *path)
{
	struct ipc_err err;
	int fd = open_folder(path, &err);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(fd, path))
		remove_folder(path);
	lx_close(fd);
}

void ipc_name_sweep(const char *name)
{
	char path[LX_PATH_MAX];
	struct ipc_err err;

	if (path_of(name, path, &err) == IPC_OK)
		sweep_path(path);
}

/* What other runs left when all of their processes were killed at once. */
static void sweep_strangers(void)
{
	char prefix[32], path[LX_PATH_MAX + NAME_MAX];
	DIR *folder = opendir(temporary());
	struct dirent *entry;
	int len;

	if (!folder)
		return;
	len = snprintf(prefix, sizeof(prefix), "pipemark-%u-",
		       (unsigned)geteuid());
	while ((entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, prefix, (size_t)len) != 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", temporary(),
			     entry->d_name) < LX_PATH_MAX)
			sweep_path(path);
	}
	closedir(folder);
}

enum ipc_rc ipc_name_new(char *buf, size_t size, struct ipc_err *err)
{
	uint64_t number;
	enum ipc_rc rc = ipc_random(&number, sizeof(number), err);

	if (rc)
		return rc;
	sweep_strangers();
	snprintf(buf, size, "%u-%016" PRIx64, (unsigned)getpid(), number);
	return IPC_OK;
}
