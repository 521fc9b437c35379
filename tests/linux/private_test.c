/*
 * Named transports as an ordinary user: who may not come in, and that what a
 * server leaves behind goes away.  Root may do anything, so root is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/sys.h"
#include "tests/support/peer.h"
#include "tests/support/tap.h"

enum { SOMEBODY_ELSE = 12346 };
static uid_t somebody = 12345; /* or whoever runs this, if that is not root */

static char folder[] = "/tmp/private-test-XXXXXX";

struct named {
	const struct ipc_transport *it;
	struct ipc_opts             opts;
	struct ipc_err              err;
	char                        path[200]; /* of the name "x" */
};

static bool prepare(struct named *n, const char *transport)
{
	struct peer_case of = { .transport = transport, .producer = "blocking",
				.consumer = "blocking", .size = 64,
				.smallest = 64 };

	n->it = ipc_find_transport(transport)->it;
	of.message = !(n->it->gives & IPC_CAP_STREAM);
	peer_opts(&of, &n->opts);
	snprintf(n->path, sizeof(n->path), "%s/pipemark-%u-x", folder,
		 (unsigned)somebody);
	return true;
}

/* Run body as an ordinary user in a child; its value is the result. */
static bool as_user(struct named *n, bool (*body)(struct named *))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool ok;

		alarm(30);
		if (geteuid() == 0 &&
		    (setresgid(somebody, somebody, somebody) ||
		     setresuid(somebody, somebody, somebody))) {
			printf("# setresuid: errno %d\n", errno);
			_exit(1);
		}
		ok = body(n);
		fflush(stdout);
		_exit(!ok);
	}
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	return true;
}

static enum ipc_rc listen_x(struct named *n, struct ipc_listener **l)
{
	*l = NULL;
	return n->it->listen("x", &n->opts, IPC_CAP_SYNC, l, &n->err);
}

static enum ipc_rc connect_x(struct named *n)
{
	struct ipc_link link = IPC_LINK_INIT;
	enum ipc_rc rc = n->it->connect("x", &n->opts, IPC_CAP_SYNC, &link,
					&n->err);

	ipc_link_close(&link);
	return rc;
}

static bool works(struct named *n)
{
	struct ipc_listener *l;
	struct stat is;

	CHECK_EQ(listen_x(n, &l), IPC_OK);
	CHECK_EQ(stat(n->path, &is), 0);
	CHECK_EQ(is.st_mode & 07777, 0700);
	CHECK_EQ(is.st_uid, somebody);
	CHECK_EQ(connect_x(n), IPC_OK);
	n->it->unlisten(l);
	CHECK(stat(n->path, &is) < 0);
	return true;
}

static bool is_denied(struct named *n)
{
	struct ipc_listener *l;

	CHECK_EQ(listen_x(n, &l), IPC_DENIED);
	CHECK(strstr(n->err.what, n->path));
	CHECK_EQ(connect_x(n), IPC_DENIED);
	ipc_name_sweep("x");
	return true;
}

/* Somebody was there first: a folder that is not ours, or not private. */
static bool squatted(struct named *n)
{
	struct stat is;
	bool ok;

	CHECK_EQ(mkdir(n->path, 0700), 0);
	CHECK_EQ(chown(n->path, SOMEBODY_ELSE, SOMEBODY_ELSE), 0);
	ok = as_user(n, is_denied);
	CHECK_EQ(chmod(n->path, 0777), 0);
	ok = ok && as_user(n, is_denied);
	CHECK_EQ(chown(n->path, somebody, somebody), 0);
	CHECK_EQ(chmod(n->path, 0750), 0);
	ok = ok && as_user(n, is_denied);
	CHECK_EQ(stat(n->path, &is), 0); /* and nobody swept it */
	rmdir(n->path);
	return ok;
}

static bool is_not_followed(struct named *n)
{
	struct ipc_listener *l;

	CHECK(listen_x(n, &l) < 0);
	CHECK(connect_x(n) < 0);
	return true;
}

/* A link in the folder's place, even to a folder that would do. */
static bool linked(struct named *n)
{
	char other[220];
	bool ok;

	snprintf(other, sizeof(other), "%s/elsewhere", folder);
	CHECK_EQ(mkdir(other, 0700), 0);
	CHECK_EQ(chown(other, somebody, somebody), 0);
	CHECK_EQ(symlink(other, n->path), 0);
	ok = as_user(n, is_not_followed);
	unlink(n->path);
	rmdir(other);
	return ok;
}

/* Root gets in everywhere, so it has to look whose folder it is. */
static bool root_is_no_exception(struct named *n)
{
	char path[220];
	enum ipc_rc rc;

	snprintf(path, sizeof(path), "%s/pipemark-0-x", folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	CHECK_EQ(chown(path, somebody, somebody), 0);
	rc = connect_x(n);
	rmdir(path);
	CHECK_EQ(rc, IPC_DENIED);
	return true;
}

static void listen_and_say(struct named *n, int say)
{
	struct ipc_listener *l;

	if (listen_x(n, &l) || write(say, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A child that listens; returns once it does. */
static pid_t server(struct named *n, bool dies_with_parent)
{
	int said[2];
	char byte;
	pid_t pid;

	if (pipe2(said, O_CLOEXEC) < 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (dies_with_parent)
			ipc_die_with_parent();
		listen_and_say(n, said[1]);
	}
	close(said[1]);
	if (read(said[0], &byte, 1) != 1)
		pid = -1;
	close(said[0]);
	return pid;
}

static bool there(void)
{
	char path[220];

	snprintf(path, sizeof(path), "%s/pipemark-%u-x", folder,
		 (unsigned)geteuid());
	return access(path, F_OK) == 0;
}

/* Signals that a program can see leave nothing; then it dies of them. */
static bool signals_sweep(struct named *n)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		pid_t pid = server(n, false);
		int status;

		CHECK(pid > 0 && there());
		kill(pid, numbers[i]);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		CHECK_EQ(WTERMSIG(status), numbers[i]);
		CHECK(!there());
	}
	return true;
}

/* kill -9: the name stays, is known for dead, and goes with the next sweep. */
static bool a_kill_is_swept(struct named *n)
{
	char name[64];
	pid_t pid = server(n, false);
	int status;

	CHECK(pid > 0);
	ipc_name_sweep("x");
	CHECK(there()); /* alive: harmless */
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(there());
	CHECK_EQ(connect_x(n), IPC_NOT_FOUND);
	ipc_name_sweep("x");
	CHECK(!there());

	pid = server(n, false);
	CHECK(pid > 0);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(ipc_name_new(name, sizeof(name), &n->err), IPC_OK);
	CHECK(!there()); /* any later run sweeps it */
	return true;
}

/*
 * The runner is killed: its child, which has a name, goes and takes the name
 * along.  The orphan becomes this process's (a subreaper), and is awaited.
 */
static bool the_runner_is_killed(struct named *n)
{
	pid_t runner, orphan;
	int status, told[2];

	CHECK_EQ(pipe2(told, O_CLOEXEC), 0);
	fflush(stdout);
	runner = fork();
	if (runner == 0) {
		orphan = server(n, true);
		if (write(told[1], &orphan, sizeof(orphan)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	CHECK_EQ(read(told[0], &orphan, sizeof(orphan)), sizeof(orphan));
	CHECK(orphan > 0 && there());
	kill(runner, SIGKILL);
	CHECK_EQ(waitpid(runner, &status, 0), runner);
	CHECK_EQ(waitpid(orphan, &status, 0), orphan);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 128 + SIGKILL);
	CHECK(!there());
	close(told[0]);
	close(told[1]);
	return true;
}

static void test(const char *transport, const char *what,
		 bool (*body)(struct named *), bool user)
{
	struct named n;
	char name[100];

	snprintf(name, sizeof(name), "%s: %s", transport, what);
	tap_result(name, prepare(&n, transport) &&
			 (user ? as_user(&n, body) : body(&n)));
}

static void skip(const char *transport, const char *what, const char *why)
{
	char name[100];

	snprintf(name, sizeof(name), "%s: %s", transport, what);
	tap_skip(name, why);
}

int main(void)
{
	static const char *const named[] = {
		"fifo", "unix-stream", "unix-seqpacket"
	};
	struct rlimit no_core = { 0, 0 }; /* of a SIGQUIT */
	bool root; /* only root can make what belongs to somebody else */

	if (!mkdtemp(folder) || chmod(folder, 01777) ||
	    setenv("TMPDIR", folder, 1))
		return 1;
	tap_start(180);
	setrlimit(RLIMIT_CORE, &no_core);
	root = geteuid() == 0;
	if (!root)
		somebody = geteuid();
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		test(named[i], "works", works, true);
		if (root) {
			test(named[i], "squatted", squatted, false);
			test(named[i], "linked", linked, false);
			test(named[i], "root too", root_is_no_exception,
			     false);
		}
		test(named[i], "signals sweep", signals_sweep, false);
		test(named[i], "a kill is swept", a_kill_is_swept, false);
		if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
			test(named[i], "the runner is killed",
			     the_runner_is_killed, false);
		else
			skip(named[i], "the runner is killed",
			     "no child subreaper: an emulator");
	}
	rmdir(folder);
	return tap_done();
}
