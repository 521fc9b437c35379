/* One cell: defaults, ids, checks across knobs, arguments. */
#include "bench/config.h"

#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/resolve.h"
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
		      "message-min: lengths are drawn from message-min to "
		      "message: message-min has to be the smaller one"));
	CHECK(refused("workload=stream reply=64",
		      "reply: a stream has no reply: leave reply out, or "
		      "workload=pingpong"));
	return true;
}

/* What kind and mode merely are by default, a transport's name overrides. */
static bool a_name_and_what_was_said(void)
{
	bool linux_host = !strcmp(ipc_host_name(), "linux");
	struct ipc_pairing p;
	struct ipc_err err;

	CHECK(!build(linux_host ? "transport=fifo" : "transport=named", NULL));
	CHECK(!pm_resolve(&cell, &p, &err));
	CHECK(!build(linux_host ? "transport=fifo kind=anonymous"
				: "transport=named kind=anonymous", NULL));
	CHECK(pm_resolve(&cell, &p, &err) == IPC_INVALID);
	CHECK(strstr(err.what, " goes by name, and kind is anonymous"));
	CHECK(!build("transport=packet", NULL));
	CHECK(pm_resolve(&cell, &p, &err) ==
	      (linux_host ? IPC_OK : IPC_UNSUPPORTED));
	if (!linux_host)
		return true;
	CHECK(!build("transport=packet mode=byte", NULL));
	CHECK(pm_resolve(&cell, &p, &err) == IPC_INVALID);
	CHECK(strstr(err.what, "packet keeps messages apart, and mode is byte"));
	return true;
}

/* Whatever else is wrong with what it would become. */
static bool a_refused_cell_stays_refused(void)
{
	struct ipc_pairing p;
	struct ipc_err err;

	CHECK(build("message=64 message-min=65", NULL) == IPC_INVALID);
	CHECK(!strcmp(cell.id, "message=64 message-min=65"));
	CHECK(pm_resolve(&cell, &p, &err) == IPC_INVALID);
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

	argv[0] = "pipemark-producer";
	CHECK(!build(settings, NULL));
	before = cell.config;
	CHECK(!pm_config_to_args(&before, argv, ROOM, &argc, arena,
				 sizeof(arena)));
	CHECK_EQ(argc, 1 + 2 * pm_knob_count);
	pm_cell_init(&cell);
	for (int i = 1; i < (int)argc; i++) {
		const char *value;
		const struct knob *k = pm_knob_option((int)argc, (char **)argv,
						      &i, &value);

		CHECK(k && value);
		CHECK(!pm_cell_set(&cell, k->name, value, "test", NULL));
	}
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
	TEST(a_name_and_what_was_said);
	TEST(a_refused_cell_stays_refused);
	TEST(configurations_survive_arguments);
	TEST(arguments_need_room);
	TEST(the_digest_sees_every_knob);
	return tap_done();
}
