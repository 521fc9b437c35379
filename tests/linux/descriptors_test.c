/* Nothing is left behind: descriptors, files, flags; and what Linux says. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/sys.h"
#include "tests/support/every.h"
#include "tests/support/tap.h"

static char folder[] = "/tmp/descriptors-test-XXXXXX";

/* Without the ones that looking needs, and tap's. */
static int open_descriptors(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int count = -1; /* the folder's own */

	while (readdir(fds))
		count++;
	closedir(fds);
	return count;
}

static int files_in(const char *path)
{
	DIR *dir = opendir(path);
	int count = -2; /* . and .. */

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static bool a_pair_leaves_nothing(struct peer_case of)
{
	int before = open_descriptors();
	struct pair pair;
	bool ok = pair_open(&pair, &of) && peer_send(&pair.far, 0, 2) &&
		  peer_receive(&pair.near, 0, 2);

	pair_close(&pair);
	CHECK(ok);
	CHECK_EQ(open_descriptors(), before);
	CHECK_EQ(files_in(folder), 0);
	return true;
}

static bool a_death_leaves_nothing(struct peer_case of)
{
	int before = open_descriptors();
	struct peer p;
	bool ok = peer_start(&p, &of, PEER_SEND_HANG) &&
		  peer_kill_when_hanging(&p) && peer_receive(&p, 0, of.count);

	peer_stop(&p);
	CHECK(ok);
	CHECK_EQ(open_descriptors(), before);
	CHECK_EQ(files_in(folder), 0);
	return true;
}

/* Flags belong to the open file, which others may share. */
static bool flags_come_back(struct peer_case of, int flag)
{
	struct pair pair;
	int rd, wr;
	bool ok = pair_links(&pair, &of);

	CHECK(ok);
	rd = dup((int)pair.near.link.rd);
	wr = dup((int)pair.far.link.wr);
	fcntl(rd, F_SETFL, fcntl(rd, F_GETFL) | flag);
	fcntl(wr, F_SETFL, fcntl(wr, F_GETFL) | flag);
	ok = peer_attach(&pair.near, pair.near.pairing.consumer) &&
	     peer_attach(&pair.far, pair.far.pairing.producer) &&
	     peer_send(&pair.far, 0, 2) && peer_receive(&pair.near, 0, 2);
	pair_close(&pair);
	CHECK(ok);
	CHECK_EQ(fcntl(rd, F_GETFL) & O_NONBLOCK, flag);
	CHECK_EQ(fcntl(wr, F_GETFL) & O_NONBLOCK, flag);
	close(rd);
	close(wr);
	return true;
}

static bool an_inherited_flag(struct peer_case of)
{
	return flags_come_back(of, O_NONBLOCK) && flags_come_back(of, 0);
}

/* With a blocking engine a descriptor that was O_NONBLOCK has to wait. */
static bool nonblock_is_cleared(struct peer_case of)
{
	struct peer p;
	bool ok = peer_start(&p, &of, PEER_ECHO);

	ok = ok && peer_send(&p, 0, 1);
	if (ok) {
		struct ipc_end *from;
		const void *data;

		p.end->want = of.size;
		ok = p.hub->engine->next(p.hub, &from, &data) ==
		     (int64_t)of.size;
	}
	return peer_stop(&p) && ok;
}

/* A socket is one descriptor for both ways: whoever reuses it keeps it. */
static bool closed_once(struct peer_case of)
{
	struct pair pair;
	int again;

	CHECK(pair_open(&pair, &of));
	pair_close(&pair);
	again = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pair_close(&pair);
	CHECK(fcntl(again, F_GETFD) >= 0);
	close(again);
	return true;
}

static bool pipes_tell_their_size(void)
{
	struct ipc_opts opts = { .in_buffer = 5000, .out_buffer = 100000,
				 .size = 1 };
	struct ipc_link near, far;
	struct ipc_err err;
	const struct ipc_transport *t = ipc_find_transport("pipe")->it;

	CHECK_EQ(t->pair(&opts, IPC_CAP_DUPLEX, 0, &near, &far, &err), 0);
	CHECK_EQ(near.asked_bytes, 5000);
	CHECK_EQ(near.effective_bytes, 8192);
	CHECK_EQ(far.asked_bytes, 100000);
	CHECK_EQ(far.effective_bytes, 131072);
	ipc_link_close(&near);
	ipc_link_close(&far);
	opts.in_buffer = IPC_BUFFER_OS;
	CHECK_EQ(t->pair(&opts, 0, 0, &near, &far, &err), 0);
	CHECK_EQ(near.asked_bytes, 0);
	CHECK(near.effective_bytes >= 4096);
	CHECK(near.wr == IPC_NO_HANDLE && far.rd == IPC_NO_HANDLE);
	ipc_link_close(&near);
	ipc_link_close(&far);
	return true;
}

static bool adopts_what_it_is(void)
{
	static const struct {
		const char *transport;
		unsigned    caps, not_caps;
	} rows[] = {
		{ "pipe", IPC_CAP_STREAM | IPC_CAP_PIPE, IPC_CAP_MESSAGE },
		{ "packet", IPC_CAP_MESSAGE, IPC_CAP_PIPE | IPC_CAP_STREAM },
		{ "socketpair-stream", IPC_CAP_STREAM, IPC_CAP_PIPE },
		{ "socketpair-seqpacket", IPC_CAP_MESSAGE | IPC_CAP_EMPTY,
		  IPC_CAP_STREAM },
	};
	struct ipc_opts opts = { .in_buffer = 65536, .out_buffer = 65536,
				 .size = 1 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ipc_link near, far, again = IPC_LINK_INIT;
		struct ipc_err err;

		CHECK_EQ(ipc_find_transport(rows[i].transport)->it->pair(
				 &opts, 0, 0, &near, &far, &err), 0);
		fcntl((int)near.rd, F_SETFD, 0);
		CHECK_EQ(ipc_link_adopt(near.rd, IPC_NO_HANDLE, &again, &err),
			 0);
		CHECK((again.caps & rows[i].caps) == rows[i].caps);
		CHECK(!(again.caps & (rows[i].not_caps | IPC_CAP_DUPLEX)));
		CHECK_EQ(again.effective_bytes, near.effective_bytes);
		CHECK(again.name[0]);
		CHECK_EQ(fcntl((int)near.rd, F_GETFD), FD_CLOEXEC);
		ipc_link_close(&near);
		ipc_link_close(&far);
	}
	return true;
}

static bool adopts_nothing_else(void)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC), pipe_fds[2];
	struct ipc_link link = IPC_LINK_INIT;
	struct ipc_err err;

	CHECK_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
	CHECK_EQ(ipc_link_adopt(file, IPC_NO_HANDLE, &link, &err),
		 IPC_INVALID);
	CHECK(strstr(err.what, "/dev/null"));
	CHECK_EQ(ipc_link_adopt(pipe_fds[1], IPC_NO_HANDLE, &link, &err),
		 IPC_INVALID);
	CHECK(strstr(err.what, "cannot be read"));
	CHECK_EQ(ipc_link_adopt(pipe_fds[0], file, &link, &err), IPC_INVALID);
	CHECK(strstr(err.what, "/dev/null")); /* not the one that is fine */
	CHECK(ipc_link_adopt(999, IPC_NO_HANDLE, &link, &err) != IPC_OK);
	CHECK(link.rd == IPC_NO_HANDLE);
	close(file);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return true;
}

/* Everything was made with CLOEXEC, and strangers are not passed on. */
static bool a_child_has_what_it_was_given(void)
{
	static const char script[] = "ls /proc/self/fd | wc -l";
	const char *argv[] = { "sh", "-c", script, NULL };
	int stranger = open("/dev/null", O_RDONLY), out[2], given[2];
	ipc_handle inherit[2];
	struct ipc_spawn how = { .path = "/bin/sh", .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE, .inherit = inherit,
				 .inherit_count = 2 };
	struct ipc_proc proc;
	struct ipc_exit end;
	struct ipc_err err;
	char text[32] = "";

	CHECK_EQ(pipe2(out, O_CLOEXEC), 0);
	CHECK_EQ(pipe2(given, O_CLOEXEC), 0);
	how.std_out = out[1];
	inherit[0] = given[0];
	inherit[1] = given[1];
	CHECK_EQ(ipc_spawn(&how, &proc, &err), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &end, &err), 0);
	CHECK(read(out[0], text, sizeof(text) - 1) > 0);
	CHECK_EQ(atoi(text), 3 + 2 + 1); /* standard, given, ls's own */
	close(stranger);
	for (int i = 0; i < 2; i++) {
		close(out[i]);
		close(given[i]);
	}
	return true;
}

static bool a_prefix_stands_in_front(void)
{
	const char *argv[] = { "sh", "-c", "exit $PM_TEST_CODE", NULL };
	const char *prefix[] = { "env", "PM_TEST_CODE=17", NULL };
	struct ipc_spawn how = { .path = "/bin/sh", .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE, .prefix = prefix };
	struct ipc_proc proc;
	struct ipc_exit end;
	struct ipc_err err;

	CHECK_EQ(ipc_spawn(&how, &proc, &err), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &end, &err), 0);
	CHECK_EQ(end.code, 17);
	return true;
}

static bool a_signal_is_a_kill(void)
{
	const char *argv[] = { "sh", "-c", "kill -9 $$", NULL };
	struct ipc_spawn how = { .path = "/bin/sh", .argv = argv,
				 .std_in = IPC_NO_HANDLE,
				 .std_out = IPC_NO_HANDLE,
				 .std_err = IPC_NO_HANDLE };
	struct ipc_proc proc;
	struct ipc_exit end;
	struct ipc_err err;

	CHECK_EQ(ipc_spawn(&how, &proc, &err), 0);
	CHECK_EQ(ipc_proc_wait(&proc, 20000000000u, &end, &err), 0);
	CHECK(end.killed);
	CHECK_EQ(end.code, SIGKILL);
	return true;
}

int main(int argc, char **argv)
{
	struct peer_case of = { .smallest = 100, .size = 100, .count = 3,
				.slots = 2 };
	struct peer_case both = of;

	if (peer_is_child(argc, argv))
		return peer_main(argc, argv);
	if (!mkdtemp(folder) || setenv("TMPDIR", folder, 1))
		return 1;
	tap_start(300);
	both.duplex = true;
	both.count = 1;
	TEST(pipes_tell_their_size);
	TEST(adopts_what_it_is);
	TEST(adopts_nothing_else);
	TEST(a_child_has_what_it_was_given);
	TEST(a_prefix_stands_in_front);
	TEST(a_signal_is_a_kill);
	every_pair("leaves nothing", 0, 0, of, a_pair_leaves_nothing);
	every_pair("a death leaves nothing", 0, 0, of, a_death_leaves_nothing);
	every_pair("flags come back", 0, 0, of, an_inherited_flag);
	every_pair("waits after all", 0, 0, both, nonblock_is_cleared);
	every_pair("closed once", IPC_CAP_DUPLEX, 0, both, closed_once);
	rmdir(folder);
	return tap_done();
}
