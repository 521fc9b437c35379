/* One cell: defaults, ids, checks across knobs, arguments. */
#include "bench/config.h"

#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "ipc/registry.h"
#include "tests/support/tap.h"

static struct pm_cell cell;

/* "name=value name=value", then finished. */
static enum ipc_rc build(const char *settings, struct ipc_err *err)
{
	char text[512], *save = text, *name;
	enum ipc_rc rc;

	snprintf(text, sizeof(text), "%s", settings);
	pm_cell_init(&cell);
	while (*(name = save)) {
		save += strcspn(save, " ");
		if (*save)
			*save++ = '\0';
		char *value = strchr(name, '=');
		*value = '\0';
		rc = pm_cell_set(&cell, name, value + 1, "test", err);
		if (rc)
			return rc;
	}
	return pm_cell_finish(&cell, err);
}

static bool has_id(const char *settings, const char *id)
{
	struct ipc_err err = { .rc = IPC_OK };

	if (build(settings, &err)) {
		tap_note("%s: %s", settings, err.what);
		return false;
	}
	if (strcmp(cell.id, id))
		tap_note("%s: the id is %s", settings, cell.id);
	return !strcmp(cell.id, id);
}

static bool refused(const char *settings, const char *why)
{
	struct ipc_err err = { .rc = IPC_OK };
	char said[2 * IPC_NAME_MAX];

	if (build(settings, &err) != IPC_INVALID) {
		tap_note("%s was accepted", settings);
		return false;
	}
	if (strcmp(ipc_err_text(&err, said, sizeof(said)), why))
		tap_note("%s: said %s", settings, said);
	return !strcmp(said, why) && cell.refused.rc == IPC_INVALID;
}

static bool ids_name_what_differs(void)
{
	CHECK(has_id("", ""));
	CHECK(has_id("message=4K", ""));
	CHECK(has_id("message=4096 kind=anonymous", ""));
	CHECK(has_id("message=64", "message=64"));
	CHECK(has_id("workload=stream message=64",
		     "message=64 workload=stream"));
	CHECK(has_id("message=65536", "message=64K"));
	CHECK(has_id("read_size=64K message=4K", "read-size=64K"));
	return true;
}

/* What follows another knob is in the id only where it says something else. */
static bool ids_follow(void)
{
	CHECK(has_id("message=64 reply=64", "message=64"));
	CHECK(has_id("message=64 reply=4K", "message=64 reply=4K"));
	CHECK(has_id("io=nowait poll=yield", "io=nowait poll=yield"));
	CHECK(has_id("producer-io=nowait consumer-io=nowait",
		     "consumer-io=nowait producer-io=nowait"));
	CHECK(has_id("buffer=os in-buffer=os", "buffer=os"));
	CHECK(has_id("mode=message", "mode=message"));
	CHECK(cell.config.io.read_mode == IPC_MODE_MESSAGE);
	return true;
}

static bool equals_defaults_are_filled_in(void)
{
	CHECK(!build("message=100 io=nowait buffer=8K", NULL));
	CHECK_EQ(cell.config.reply, 100);
	CHECK_EQ(cell.config.message_min, 100);
	CHECK_EQ(cell.config.io.in_buffer, 8192);
	CHECK(!strcmp(cell.config.io.producer_io, "nowait"));
	CHECK(!build("message=100 reply=7", NULL));
	CHECK_EQ(cell.config.reply, 7);
	CHECK_EQ(cell.config.message_min, 100);
	return true;
}

static bool send_buffers_hold_the_largest(void)
{
	CHECK(!build("message=100 reply=200", NULL));
	CHECK_EQ(cell.config.io.size, 200);
	CHECK(!build("message=200 reply=100", NULL));
	CHECK_EQ(cell.config.io.size, 200);
	CHECK(!build("message=0", NULL)); /* and the hello */
	CHECK_EQ(cell.config.io.size, 32);
	return true;
}

static bool origins_are_kept(void)
{
	struct ipc_err err;

	pm_cell_init(&cell);
	CHECK(!strcmp(cell.origin[pm_knob_index(pm_knob_find("message"))], ""));
	CHECK(!pm_cell_set(&cell, "message", "64", "f:3", NULL));
	CHECK(!strcmp(cell.origin[pm_knob_index(pm_knob_find("message"))],
		      "f:3"));
	CHECK(pm_cell_set(&cell, "mesage", "64", "f:3", &err) == IPC_INVALID);
	CHECK(!strcmp(err.what, "mesage is no knob: did you mean message?"));
	return true;
}

static bool values_that_contradict(void)
{
	CHECK(refused("message=64 message-min=65",
		      "message-min: is above message: lengths are drawn from "
		      "message-min to message"));
	CHECK(refused("workload=stream reply=64",
		      "reply: a stream has no reply: leave reply out, or "
		      "workload=pingpong"));
	CHECK(refused("workload=stream message=15 stamp=1",
		      "stamp: a message below 16 bytes has no room for a stamp: "
		      "stamp=auto or none, or longer messages"));
	CHECK(refused("workload=stream message-min=8 stamp=1",
		      "stamp: a message below 16 bytes has no room for a stamp: "
		      "stamp=auto or none, or longer messages"));
	CHECK(has_id("workload=stream message=15", "message=15 workload=stream"));
	CHECK(has_id("message=15 stamp=1", "message=15 stamp=1"));
	return true;
}

static bool two_that_spin_on_one_cpu(void)
{
	static const char why[] = "poll: io=nowait that spins on the other's "
		"CPU waits for whole time slices: poll=yield, or "
		"placement=different";

	CHECK(refused("io=nowait placement=same", why));
	CHECK(refused("producer-io=nowait placement=3:3", why));
	CHECK(refused("consumer-io=nowait placement=10:010", why));
	CHECK(!build("io=nowait placement=1:11", NULL));
	CHECK(!build("io=nowait placement=11:1", NULL));
	CHECK(!build("io=nowait placement=same poll=yield", NULL));
	CHECK(!build("io=nowait placement=same poll=10us", NULL));
	CHECK(!build("placement=same", NULL));
	return true;
}

/* What kind and mode merely are by default, a transport's name overrides. */
static bool a_name_and_what_was_said(void)
{
	bool linux_host = !strcmp(ipc_host_name(), "linux");
	struct ipc_pairing p;
	struct ipc_err err;

	CHECK(!build(linux_host ? "transport=fifo" : "transport=named", NULL));
	CHECK(!pm_cell_resolve(&cell, &p, NULL));
	CHECK(!build(linux_host ? "transport=fifo kind=anonymous"
				: "transport=named kind=anonymous", NULL));
	CHECK(pm_cell_resolve(&cell, &p, &err) == IPC_INVALID);
	CHECK(strstr(err.what, " goes by name, and kind is anonymous"));
	CHECK(!build("transport=packet", NULL));
	CHECK(pm_cell_resolve(&cell, &p, NULL) ==
	      (linux_host ? IPC_OK : IPC_UNSUPPORTED));
	if (!linux_host)
		return true;
	CHECK(!build("transport=packet mode=byte", NULL));
	CHECK(pm_cell_resolve(&cell, &p, &err) == IPC_INVALID);
	CHECK(strstr(err.what, "packet keeps messages apart, and mode is byte"));
	return true;
}

static bool a_refused_cell_stays_refused(void)
{
	struct ipc_pairing p;
	struct ipc_err err;

	CHECK(build("message=64 message-min=65", NULL) == IPC_INVALID);
	CHECK(!strcmp(cell.id, "message=64 message-min=65"));
	CHECK(pm_cell_resolve(&cell, &p, &err) == IPC_INVALID);
	CHECK(!strcmp(err.op, "message-min"));
	/* and no longer, once it makes sense */
	CHECK(!pm_cell_set(&cell, "message-min", "64", "test", NULL));
	CHECK(!pm_cell_finish(&cell, NULL) && !cell.refused.rc);
	return true;
}

enum { ROOM = 4 + 2 * PM_KNOB_MAX, ARENA = 16384 };

/* Out as arguments and back in again: every value is there. */
static bool survives_arguments(const char *settings)
{
	static const char *argv[ROOM];
	static char arena[ARENA];
	struct pm_config before;
	size_t argc = 1;
	int left;

	argv[0] = "pipemark-producer";
	CHECK(!build(settings, NULL));
	before = cell.config;
	CHECK(!pm_config_to_args(&before, argv, ROOM, &argc, arena,
				 sizeof(arena)));
	CHECK_EQ(argc, 1 + 2 * pm_knob_count);
	left = (int)argc;
	pm_cell_init(&cell);
	CHECK(!pm_cell_from_args(&cell, &left, (char **)argv, NULL));
	CHECK_EQ(left, 1);
	CHECK(!pm_cell_finish(&cell, NULL));
	for (size_t i = 0; i < pm_knob_count; i++)
		CHECK(pm_knob_equal(&pm_knobs[i], &before, &cell.config));
	CHECK(cell.config.io.size == before.io.size);
	CHECK(pm_config_digest(&cell.config) == pm_config_digest(&before));
	return true;
}

static bool configurations_survive_arguments(void)
{
	CHECK(survives_arguments(""));
	CHECK(survives_arguments("message=0"));
	CHECK(survives_arguments("message=64 reply=4K message-min=1"));
	CHECK(survives_arguments("buffer=os in-buffer=8K wait=forever"));
	CHECK(survives_arguments("verify=yes lock-memory=yes slots=7"));
	CHECK(survives_arguments("mode=message read-mode=byte kind=named"));
	CHECK(survives_arguments("name=a.b io=overlapped placement=0:1"));
	CHECK(survives_arguments("priority=fifo:3 time=1500ms interval=0"));
	return true;
}

static bool arguments_need_room(void)
{
	static const char *argv[ROOM];
	static char arena[ARENA];
	size_t argc = 0;

	CHECK(!build("", NULL));
	CHECK_EQ(pm_config_to_args(&cell.config, argv, 2 * pm_knob_count - 1,
				   &argc, arena, sizeof(arena)), -1);
	argc = 0;
	CHECK_EQ(pm_config_to_args(&cell.config, argv, ROOM, &argc, arena, 64),
		 -1);
	return true;
}

static bool other_arguments_are_left(void)
{
	char args[][16] = { "prog", "--control", "3,4", "--message", "64",
			    "--verify", "file", "--", "--reply" };
	char *argv[9];
	int argc = 9;

	for (int i = 0; i < 9; i++)
		argv[i] = args[i];
	pm_cell_init(&cell);
	CHECK(!pm_cell_from_args(&cell, &argc, argv, NULL));
	CHECK_EQ(argc, 5);
	CHECK(!strcmp(argv[0], "prog") && !strcmp(argv[1], "--control") &&
	      !strcmp(argv[2], "3,4") && !strcmp(argv[3], "file") &&
	      !strcmp(argv[4], "--reply"));
	CHECK(cell.config.verify && cell.config.message == 64);
	return true;
}

static bool arguments_without_a_value(void)
{
	char prog[] = "prog", message[] = "--message", bad[] = "--message=x";
	char *argv[] = { prog, message }, *bad_argv[] = { prog, bad };
	struct ipc_err err;
	char said[2 * IPC_NAME_MAX];
	int argc = 2;

	pm_cell_init(&cell);
	CHECK(pm_cell_from_args(&cell, &argc, argv, &err) == IPC_INVALID);
	CHECK(!strcmp(ipc_err_text(&err, said, sizeof(said)),
		      "message: needs a value: --message VALUE"));
	argc = 2;
	CHECK(pm_cell_from_args(&cell, &argc, bad_argv, &err) == IPC_INVALID);
	CHECK(!strncmp(ipc_err_text(&err, said, sizeof(said)),
		       "message: x is no size", 21));
	return true;
}

/* Any value that differs gives another digest. */
static bool the_digest_sees_every_knob(void)
{
	uint64_t fresh, digest;

	CHECK(!build("", NULL));
	fresh = pm_config_digest(&cell.config);
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		CHECK(!build("", NULL));
		/* any bit will do that still prints as something else */
		((unsigned char *)&cell.config)[k->offset] ^= 1;
		digest = pm_config_digest(&cell.config);
		if (digest == fresh)
			tap_note("%s", k->name);
		CHECK(digest != fresh);
	}
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(ids_name_what_differs);
	TEST(ids_follow);
	TEST(equals_defaults_are_filled_in);
	TEST(send_buffers_hold_the_largest);
	TEST(origins_are_kept);
	TEST(values_that_contradict);
	TEST(two_that_spin_on_one_cpu);
	TEST(a_name_and_what_was_said);
	TEST(a_refused_cell_stays_refused);
	TEST(configurations_survive_arguments);
	TEST(arguments_need_room);
	TEST(other_arguments_are_left);
	TEST(arguments_without_a_value);
	TEST(the_digest_sees_every_knob);
	return tap_done();
}
