/* Matrix files, presets, settings and sets. */
#include "bench/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/resolve.h"
#include "ipc/registry.h"
#include "tests/support/tap.h"

enum { SETTINGS_MAX = 4 };

static struct pm_matrix matrix;
static struct pm_setting settings[SETTINGS_MAX];
static size_t setting_count;

static void set(const char *name, const char *value)
{
	settings[setting_count++] =
		(struct pm_setting){ name, value, "command line" };
}

static enum ipc_rc build(const char *text, struct ipc_err *err)
{
	size_t count = setting_count;

	setting_count = 0;
	pm_matrix_free(&matrix);
	return pm_matrix_build("f.matrix", text, settings, count, &matrix, err);
}

/* The ids of all cells, "|" between them. */
static bool gives(const char *text, const char *ids)
{
	struct ipc_err err = { .rc = IPC_OK };
	char got[4096];
	size_t used = 0;

	if (build(text, &err)) {
		tap_note("%s", err.what);
		return false;
	}
	got[0] = '\0';
	for (size_t i = 0; i < matrix.count && used < sizeof(got); i++)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%s",
					 i ? "|" : "", matrix.cells[i].id);
	if (!strcmp(got, ids))
		return true;
	tap_note("expected %s", ids);
	tap_note("got      %s", got);
	return false;
}

static bool refuses(const char *text, const char *why)
{
	struct ipc_err err = { .rc = IPC_OK };
	char said[2 * IPC_NAME_MAX];
	enum ipc_rc rc = build(text, &err);

	if (rc == IPC_INVALID &&
	    !strcmp(ipc_err_text(&err, said, sizeof(said)), why))
		return !matrix.cells && !matrix.count;
	tap_note("expected %s", why);
	tap_note("said     %s", rc ? ipc_err_text(&err, said, sizeof(said))
				   : "nothing");
	return false;
}

static bool lines_make_a_cross_product(void)
{
	CHECK(gives("", ""));
	CHECK(gives("message = 64\n", "message=64"));
	CHECK(gives("message = 64, 4K\nworkload = pingpong, stream\n",
		    "message=64|message=64 workload=stream||workload=stream"));
	CHECK(gives("mode = message, byte\nmessage=1,2,3",
		    "message=1 mode=message|message=2 mode=message|"
		    "message=3 mode=message|message=1|message=2|message=3"));
	return true;
}

static bool layout_does_not_matter(void)
{
	CHECK(gives("# a comment\n\n  message=64 # another\r\n\t\n#",
		    "message=64"));
	CHECK(gives("\xef\xbb\xbfmessage = 64", "message=64"));
	CHECK(gives("message =\t64 ,4K\r\n", "message=64|"));
	CHECK(gives("read_size = 8K", "read-size=8K"));
	return true;
}

static bool sections_inherit(void)
{
	CHECK(gives("time = 200ms\n[a]\nmessage = 64\n[b]\nmessage = 128\n",
		    "message=64 time=200ms|message=128 time=200ms"));
	/* a section's own values replace what it inherits */
	CHECK(gives("message = 1, 2\n[a]\n[b]\nmessage = 3\n",
		    "message=1|message=2|message=3"));
	/* and nothing goes from one section to the next */
	CHECK(gives("[a]\nmode = message\n[b]\nmessage = 64\n",
		    "mode=message|message=64"));
	return true;
}

static bool corners_are_skipped(void)
{
	CHECK(gives("message = 64, 4K\nmode = byte, message\n"
		    "skip = mode:message message:4K\n",
		    "message=64|message=64 mode=message|"));
	CHECK_EQ(matrix.corners, 1);
	/* several lines are "or", and notation does not matter */
	CHECK(gives("message = 64, 4K, 64K\nskip = message:65536\n"
		    "skip = message:4096\n", "message=64"));
	/* what follows another knob has its value */
	CHECK(gives("message = 64, 4K\nskip = reply:64\n", ""));
	return true;
}

static bool corners_belong_to_their_section(void)
{
	CHECK(gives("skip = message:3\n[a]\nmessage = 1, 2, 3\nskip = message:1\n"
		    "[b]\nmessage = 1, 2, 3\n", "message=2|message=1"));
	CHECK_EQ(matrix.doubles, 1);
	CHECK(gives("[a]\nplacement = 0:1, 1:0\nskip = placement:00:1\n",
		    "placement=1:0"));
	return true;
}

static bool doubles_are_dropped_and_counted(void)
{
	CHECK(gives("[a]\nmessage = 64, 4K, 64\n[b]\nmessage = 4096, 128\n",
		    "message=64||message=128"));
	CHECK_EQ(matrix.doubles, 2);
	CHECK_EQ(matrix.count, 3);
	return true;
}

static bool the_command_line_wins(void)
{
	set("message", "64,4K");
	CHECK(gives(NULL, "message=64|"));
	set("message", "64");
	CHECK(gives("message = 1, 2\n[a]\nmessage = 3\nmode = byte\n[b]\n"
		    "mode = message\n", "message=64|message=64 mode=message"));
	/* the last of two */
	set("message", "64");
	set("message", "128");
	CHECK(gives(NULL, "message=128"));
	CHECK(gives(NULL, ""));
	return true;
}

static const char *origin(size_t cell, const char *knob)
{
	return matrix.cells[cell].origin[pm_knob_index(pm_knob_find(knob))];
}

static bool origins_are_known(void)
{
	set("mode", "byte");
	CHECK(!build("\nmessage = 64, 128\n[a]\ntime = 1s\n", NULL));
	for (size_t i = 0; i < 2; i++) {
		CHECK(!strcmp(origin(i, "message"), "f.matrix:2"));
		CHECK(!strcmp(origin(i, "time"), "f.matrix:4"));
		CHECK(!strcmp(origin(i, "mode"), "command line"));
		CHECK(!strcmp(origin(i, "kind"), ""));
	}
	return true;
}

static bool lines_that_are_wrong(void)
{
	CHECK(refuses("\nmessge = 64\n",
		      "f.matrix:2: messge is no knob: did you mean message?"));
	CHECK(refuses("message = 64, x\n",
		      "f.matrix:1: message: x is no size: write 64, 64K, 1M "
		      "(K = 1024)"));
	CHECK(refuses("message = 64,\n",
		      "f.matrix:1: message: nothing is no size: write 64, 64K, "
		      "1M (K = 1024)"));
	CHECK(refuses("message =\n",
		      "f.matrix:1: message: nothing is no size: write 64, 64K, "
		      "1M (K = 1024)"));
	CHECK(refuses("message 64\n",
		      "f.matrix:1: message 64 is no line of a matrix: write "
		      "knob = value, value; [section]; skip = knob:value; or "
		      "# comment"));
	CHECK(refuses("= 64\n", "f.matrix:1: nothing is no knob: pipemark list "
		      "knobs has them all"));
	CHECK(refuses("message = 64\nmode = byte\nmessage = 128\n",
		      "f.matrix:3: message again, after f.matrix:1: put its "
		      "values on one line, or in another [section]"));
	CHECK(refuses("[a]\nmessage = 64\nmessage = 128\n",
		      "f.matrix:3: message again, after f.matrix:2: put its "
		      "values on one line, or in another [section]"));
	return true;
}

static bool sections_and_skips_that_are_wrong(void)
{
	static const char no_section[] = " is no section: write [name], of "
		"letters, digits, . _ -";
	static const char *const names[] = { "[", "[]", "[a", "[a b]", "[a]]",
					     "[a] x" };
	char why[160];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(why, sizeof(why), "f.matrix:1: %s%s", names[i],
			 no_section);
		CHECK(refuses(names[i], why));
	}
	CHECK(refuses("skip =\n", "f.matrix:1: skip what? write skip = "
		      "knob:value knob:value"));
	CHECK(refuses("skip = mode\n", "f.matrix:1: mode is no corner: write "
		      "skip = knob:value knob:value"));
	CHECK(refuses("skip = mod:byte\n",
		      "f.matrix:1: mod is no knob: did you mean mode?"));
	CHECK(refuses("skip = mode:bytes\n",
		      "f.matrix:1: mode: bytes is unknown: did you mean byte?"));
	CHECK(refuses("message = 64\nskip = mode:byte\n",
		      "matrix: f.matrix skips every cell that it has"));
	return true;
}

static bool settings_that_are_wrong(void)
{
	set("mesage", "64");
	CHECK(refuses(NULL, "mesage is no knob: did you mean message?"));
	set("message", "64,x");
	CHECK(refuses(NULL, "message: x is no size: write 64, 64K, 1M "
		      "(K = 1024)"));
	settings[setting_count++] = (struct pm_setting){ "message", "x", "--a" };
	CHECK(refuses(NULL, "--a: message: x is no size: write 64, 64K, 1M "
		      "(K = 1024)"));
	return true;
}

static bool long_file_names_keep_the_reason(void)
{
	char name[400];
	struct ipc_err err;

	memset(name, 'd', sizeof(name));
	strcpy(name + sizeof(name) - 10, "/f.matrix");
	pm_matrix_free(&matrix);
	CHECK(pm_matrix_build(name, "\n\nmode = x\n", NULL, 0, &matrix, &err) ==
	      IPC_INVALID);
	CHECK(strstr(err.what, "ddd/f.matrix:3: mode: x is unknown: write byte, "
		     "message"));
	return true;
}

/* One that makes no sense is shown; if it is all there is, it is an error. */
static bool cells_that_make_no_sense(void)
{
	CHECK(gives("workload = pingpong, stream\nreply = 64\n",
		    "reply=64|reply=64 workload=stream"));
	CHECK(!matrix.cells[0].refused.rc);
	CHECK(matrix.cells[1].refused.rc == IPC_INVALID);
	CHECK(refuses("workload = stream\nreply = 64, 128\n",
		      "reply: a stream has no reply: leave reply out, or "
		      "workload=pingpong"));
	return true;
}

/* "name = 1, 2, ..., n" */
static char *numbers(char *to, const char *name, int n)
{
	to += sprintf(to, "%s = ", name);
	for (int i = 1; i <= n; i++)
		to += sprintf(to, "%d%s", i, i < n ? "," : "\n");
	return to;
}

static bool there_is_a_limit(void)
{
	static const char why[] = "matrix: f.matrix has more than 100000 cells: "
		"fewer values, or several matrices";
	static char text[65536];
	char *end = numbers(text, "message", 1000);

	end = numbers(end, "buffer", 101);
	CHECK(refuses(text, why));
	/* a product that no 64 bits hold */
	end = numbers(end, "slots", 1000);
	end = numbers(end, "count", 1000);
	end = numbers(end, "read-size", 1000);
	end = numbers(end, "collect", 1000);
	end = numbers(end, "in-buffer", 1000);
	numbers(end, "out-buffer", 1000);
	CHECK(refuses(text, why));
	/* together, too */
	end = numbers(text, "message", 1000);
	end = numbers(end, "slots", 60);
	strcpy(end, "[a]\nmode = byte\n[b]\nmode = message\n");
	CHECK(refuses(text, why));
	return true;
}

static bool many_cells(void)
{
	static char text[65536];
	char *end = numbers(text, "message", 500);

	end = numbers(end, "slots", 40);
	CHECK(!build(text, NULL));
	CHECK_EQ(matrix.count, 20000);
	CHECK(!strcmp(matrix.cells[0].id, "message=1 slots=1"));
	CHECK(!strcmp(matrix.cells[19999].id, "message=500 slots=40"));
	return true;
}

static bool every_preset_builds(void)
{
	struct ipc_err err;

	for (size_t i = 0; pm_presets[i].name; i++) {
		const struct pm_preset *p = &pm_presets[i];

		tap_note("%s", p->name);
		CHECK(pm_preset_find(p->name) == p);
		CHECK(p->summary[0]);
		if (build(p->text, &err))
			tap_note("%s", err.what);
		CHECK(matrix.count && !matrix.doubles);
		for (size_t n = 0; n < matrix.count; n++)
			CHECK(!matrix.cells[n].refused.rc);
	}
	return true;
}

static size_t cells_with(const char *knob, const char *value)
{
	const struct knob *k = pm_knob_find(knob);
	char printed[PM_VALUE_MAX];
	size_t found = 0;

	for (size_t i = 0; i < matrix.count; i++)
		found += !strcmp(pm_knob_print(k, &matrix.cells[i].config,
					       printed), value);
	return found;
}

static bool the_default_of_linux(void)
{
	struct ipc_pairing pairing;
	struct ipc_err err;

	CHECK(!build(pm_preset_find("default-linux")->text, NULL));
	CHECK_EQ(matrix.count, 48);
	CHECK_EQ(matrix.corners, 2);
	CHECK_EQ(cells_with("time", "200ms"), 48);
	CHECK_EQ(cells_with("placement", "same"), 8);
	CHECK_EQ(cells_with("io", "nowait"), 4);
	CHECK_EQ(cells_with("io", "null"), 2);
	CHECK_EQ(cells_with("transport", "packet"), 4);
	for (size_t i = 0; i < matrix.count; i++)
		CHECK(strcmp(ipc_host_name(), "linux") ||
		      !pm_resolve(&matrix.cells[i], &pairing, &err));
	return true;
}

static bool the_default_of_windows(void)
{
	struct ipc_pairing pairing;
	struct ipc_err err;
	size_t measured = 0, skipped = 0;

	CHECK(!build(pm_preset_find("default-windows")->text, NULL));
	CHECK_EQ(matrix.count, 33);
	CHECK_EQ(cells_with("write-through", "yes"), 2);
	CHECK_EQ(cells_with("buffer", "0"), 1);
	for (size_t i = 0; i < matrix.count; i++)
		if (pm_resolve(&matrix.cells[i], &pairing, &err))
			skipped++;
		else
			measured++;
	CHECK(strcmp(ipc_host_name(), "windows") ||
	      (measured == 27 && skipped == 6));
	return true;
}

static bool the_default_is_the_hosts(void)
{
	char name[32];

	snprintf(name, sizeof(name), "default-%s", ipc_host_name());
	CHECK(pm_preset_find("default"));
	CHECK(!strcmp(pm_preset_find("default")->name, name));
	CHECK(!pm_preset_find("defalt") && !pm_preset_find(""));
	return true;
}

static bool names_that_are_nothing(void)
{
	struct ipc_err err;

	pm_matrix_free(&matrix);
	CHECK(pm_matrix_load("defalt", NULL, 0, &matrix, &err) == IPC_NOT_FOUND);
	CHECK(!strcmp(err.what, "no file and no preset is called defalt: did you "
		      "mean default?"));
	CHECK(pm_matrix_load("no/such.matrix", NULL, 0, &matrix, &err) ==
	      IPC_NOT_FOUND);
	CHECK(!strcmp(err.what, "no file and no preset is called no/such.matrix: "
		      "pipemark list presets has them all"));
	CHECK(!pm_matrix_load("quick", NULL, 0, &matrix, &err));
	CHECK_EQ(matrix.count, 8);
	CHECK(!strcmp(origin(0, "time"), "quick.matrix:2"));
	return true;
}

static struct pm_cell cell;

static enum ipc_rc apply(const char *text, struct ipc_err *err)
{
	pm_cell_init(&cell);
	pm_cell_set(&cell, "message", "64", "command line", NULL);
	pm_cell_finish(&cell, NULL);
	return pm_set_apply(text, "--b", &cell, err);
}

static bool set_refused(const char *text, const char *why)
{
	struct ipc_err err = { .rc = IPC_OK };
	char said[2 * IPC_NAME_MAX];

	if (apply(text, &err) == IPC_INVALID &&
	    !strcmp(ipc_err_text(&err, said, sizeof(said)), why))
		return true;
	tap_note("%s: %s", text, ipc_err_text(&err, said, sizeof(said)));
	return false;
}

static bool sets_change_a_cell(void)
{
	CHECK(!apply("", NULL));
	CHECK(!strcmp(cell.id, "message=64"));
	CHECK(!apply(" kind=named\tmode=message ", NULL));
	CHECK(!strcmp(cell.id, "kind=named message=64 mode=message"));
	/* followers go along, in both directions */
	CHECK_EQ(cell.config.io.read_mode, IPC_MODE_MESSAGE);
	CHECK(!apply("message=128", NULL));
	CHECK_EQ(cell.config.reply, 128);
	CHECK(!strcmp(cell.origin[pm_knob_index(pm_knob_find("message"))],
		      "--b"));
	CHECK(!apply("name=%61b", NULL));
	CHECK(!strcmp(cell.config.io.name, "ab"));
	return true;
}

static bool sets_that_are_wrong(void)
{
	CHECK(set_refused("kind", "--b: kind is no setting: write knob=value "
			  "knob=value"));
	CHECK(set_refused("knd=named", "--b: knd is no knob: did you mean kind?"));
	CHECK(set_refused("message=64,4K", "--b: message: 64,4K is no size: "
			  "write 64, 64K, 1M (K = 1024)"));
	CHECK(set_refused("message=1 message=2", "--b: message: is there twice: "
			  "one value a knob"));
	CHECK(set_refused("name=%6", "--b: name: %6: a % needs two hexadecimal "
			  "digits after it"));
	CHECK(set_refused("name=%00", "--b: name: %00: a % needs two hexadecimal "
			  "digits after it"));
	CHECK(set_refused("message-min=65", "--b: message-min: lengths are drawn "
			  "from message-min to message: message-min has to be "
			  "the smaller one"));
	return true;
}

/* An id says all that differs: applied as a set it makes the same cell. */
static bool ids_are_sets(void)
{
	for (size_t i = 0; pm_presets[i].name; i++) {
		CHECK(!build(pm_presets[i].text, NULL));
		for (size_t n = 0; n < matrix.count; n++) {
			const struct pm_cell *from = &matrix.cells[n];

			pm_cell_init(&cell);
			CHECK(!pm_set_apply(from->id, "id", &cell, NULL));
			CHECK(!strcmp(cell.id, from->id));
			CHECK(pm_config_digest(&cell.config) ==
			      pm_config_digest(&from->config));
		}
	}
	return true;
}

int main(void)
{
	tap_start(180);
	TEST(lines_make_a_cross_product);
	TEST(layout_does_not_matter);
	TEST(sections_inherit);
	TEST(corners_are_skipped);
	TEST(corners_belong_to_their_section);
	TEST(doubles_are_dropped_and_counted);
	TEST(the_command_line_wins);
	TEST(origins_are_known);
	TEST(lines_that_are_wrong);
	TEST(sections_and_skips_that_are_wrong);
	TEST(settings_that_are_wrong);
	TEST(long_file_names_keep_the_reason);
	TEST(cells_that_make_no_sense);
	TEST(there_is_a_limit);
	TEST(many_cells);
	TEST(every_preset_builds);
	TEST(the_default_of_linux);
	TEST(the_default_of_windows);
	TEST(the_default_is_the_hosts);
	TEST(names_that_are_nothing);
	TEST(sets_change_a_cell);
	TEST(sets_that_are_wrong);
	TEST(ids_are_sets);
	pm_matrix_free(&matrix);
	return tap_done();
}
