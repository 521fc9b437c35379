/* The table of knobs, and the notation of their values. */
#include "bench/knob.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/registry.h"
#include "tests/support/tap.h"

static uint64_t seed = 88172645463325252u;

static uint64_t draw(void) /* xorshift: the same numbers every time */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static struct pm_config config; /* zeroed: no row needs more */

static bool parses(const struct knob *k, const char *text, const char *printed)
{
	struct ipc_err err = { .rc = IPC_OK };
	char buf[PM_VALUE_MAX];

	if (pm_knob_parse(k, text, &config, &err)) {
		tap_note("%s = %s: %s", k->name, text, err.what);
		return false;
	}
	if (strcmp(pm_knob_print(k, &config, buf), printed)) {
		tap_note("%s = %s became %s", k->name, text, buf);
		return false;
	}
	return true;
}

/* Both the knob, which stands in front of it, and every letter of why. */
static bool refuses(const char *name, const char *text, const char *why)
{
	const struct knob *k = pm_knob_find(name);
	struct ipc_err err = { .rc = IPC_OK };
	char said[IPC_NAME_MAX * 2], expected[IPC_NAME_MAX * 2];
	struct pm_config before = config;

	if (pm_knob_parse(k, text, &config, &err) != IPC_INVALID) {
		tap_note("%s = %s was accepted", name, text);
		return false;
	}
	snprintf(expected, sizeof(expected), "%s: %s", name, why);
	if (strcmp(ipc_err_text(&err, said, sizeof(said)), expected)) {
		tap_note("said     %s", said);
		tap_note("expected %s", expected);
		return false;
	}
	return !memcmp(&before, &config, sizeof(config));
}

static bool number_row_is_sane(const struct knob *k)
{
	CHECK(k->unit != UNIT_NONE && !k->choices);
	CHECK(k->max > k->min && k->max <= INT64_MAX);
	return true;
}

static bool row_is_sane(const struct knob *k)
{
	char word[PM_VALUE_MAX];

	CHECK(k->name[0] && strspn(k->name, "abcdefghijklmnopqrstuvwxyz-") ==
			    strlen(k->name));
	CHECK(strlen(k->name) < KNOB_NAME_MAX);
	CHECK(k->help && k->help[0] && k->group && k->group[0] && k->def);
	CHECK(k->help[strlen(k->help) - 1] != '.'); /* one style of help */
	CHECK(!(k->hosts & ~(unsigned)(ON_LINUX | ON_WINDOWS)));
	CHECK(k->type != KNOB_U64 || number_row_is_sane(k));
	CHECK(k->type == KNOB_U64 || (!k->min && !k->max && !k->words));
	CHECK((k->type == KNOB_ENUM) == (pm_knob_choice(k, 1, word) &&
					 k->choices));
	return true;
}

static bool every_row_is_sane(void)
{
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		tap_note("%s", k->name);
		CHECK(row_is_sane(k));
		CHECK(pm_knob_find(k->name) == k); /* so names are unique */
		CHECK(pm_knob_index(k) == i);
	}
	return true;
}

/* The name is the field's: a row cannot point at another row's field. */
static bool names_are_the_fields(void)
{
	static const struct { const char *field; size_t offset; } fields[] = {
#define KNOB(f, type, ...) { #f, offsetof(struct pm_config, io.f) },
#include "ipc/opts.def"
#undef KNOB
#define KNOB(f, type, ...) { #f, offsetof(struct pm_config, f) },
#include "bench/knobs.def"
#undef KNOB
	};

	for (size_t i = 0; i < pm_knob_count; i++) {
		CHECK(pm_knob_find(fields[i].field) == &pm_knobs[i]);
		CHECK(strlen(fields[i].field) == strlen(pm_knobs[i].name));
		CHECK(!strchr(pm_knobs[i].name, '_'));
		CHECK(fields[i].offset == pm_knobs[i].offset);
	}
	return true;
}

/* A default is written as the program would print it, and is in range. */
static bool defaults_are_canonical(void)
{
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i], *f = pm_knob_followed(k);

		CHECK(f || parses(k, k->def, k->def));
		CHECK((k->def[0] == '=') == (f != NULL));
		/* one pass in the table's order must be enough */
		CHECK(!f || (f < k && f->type == k->type));
		CHECK(!f || (f->unit == k->unit && f->max == k->max &&
			     f->min == k->min && f->domain == k->domain));
	}
	return true;
}

/* Every word of every row, and the constant that code knows it by. */
static const struct {
	const char *knob, *word;
	uint64_t    value;
} constants[] = {
	{ "kind", "anonymous", IPC_KIND_ANONYMOUS },
	{ "kind", "named", IPC_KIND_NAMED },
	{ "mode", "byte", IPC_MODE_BYTE },
	{ "mode", "message", IPC_MODE_MESSAGE },
	{ "read-mode", "byte", IPC_MODE_BYTE },
	{ "read-mode", "message", IPC_MODE_MESSAGE },
	{ "direction", "auto", IPC_DIRECTION_AUTO },
	{ "direction", "inbound", IPC_DIRECTION_INBOUND },
	{ "direction", "outbound", IPC_DIRECTION_OUTBOUND },
	{ "direction", "duplex", IPC_DIRECTION_DUPLEX },
	{ "hand-over", "inherit", IPC_HAND_OVER_INHERIT },
	{ "hand-over", "std", IPC_HAND_OVER_STD },
	{ "buffer", "os", IPC_BUFFER_OS },
	{ "in-buffer", "os", IPC_BUFFER_OS },
	{ "out-buffer", "os", IPC_BUFFER_OS },
	{ "wait", "none", IPC_WAIT_NONE },
	{ "wait", "default", IPC_WAIT_DEFAULT },
	{ "wait", "forever", IPC_WAIT_FOREVER },
	{ "instances", "clients", IPC_INSTANCES_CLIENTS },
	{ "instances", "unlimited", IPC_INSTANCES_UNLIMITED },
	{ "sqos", "anonymous", IPC_SQOS_ANONYMOUS },
	{ "sqos", "identification", IPC_SQOS_IDENTIFICATION },
	{ "sqos", "impersonation", IPC_SQOS_IMPERSONATION },
	{ "sqos", "delegation", IPC_SQOS_DELEGATION },
	{ "write-through", "auto", IPC_WRITE_THROUGH_AUTO },
	{ "write-through", "yes", IPC_WRITE_THROUGH_YES },
	{ "write-through", "no", IPC_WRITE_THROUGH_NO },
	{ "slots", "auto", IPC_SLOTS_AUTO },
	{ "poll", "spin", IPC_POLL_SPIN },
	{ "poll", "yield", IPC_POLL_YIELD },
	{ "ring", "auto", IPC_RING_AUTO },
	{ "ring", "defer", IPC_RING_DEFER },
	{ "ring", "coop", IPC_RING_COOP },
	{ "ring", "plain", IPC_RING_PLAIN },
	{ "registered", "auto", IPC_REGISTERED_AUTO },
	{ "registered", "yes", IPC_REGISTERED_YES },
	{ "registered", "no", IPC_REGISTERED_NO },
	{ "workload", "pingpong", PM_WORKLOAD_PINGPONG },
	{ "workload", "stream", PM_WORKLOAD_STREAM },
	{ "workload", "paced", PM_WORKLOAD_PACED },
	{ "workload", "connect", PM_WORKLOAD_CONNECT },
	{ "exchange", "write-read", IPC_EXCHANGE_WRITE_READ },
	{ "exchange", "transact", IPC_EXCHANGE_TRANSACT },
	{ "exchange", "call", IPC_EXCHANGE_CALL },
	{ "arrival", "fixed", PM_ARRIVAL_FIXED },
	{ "arrival", "poisson", PM_ARRIVAL_POISSON },
	{ "pacer", "spin", PM_PACER_SPIN },
	{ "pacer", "sleep", PM_PACER_SLEEP },
	{ "stamp", "auto", IPC_WORD(0) },
	{ "stamp", "none", IPC_WORD(1) },
	{ "drain", "none", PM_DRAIN_NONE },
	{ "drain", "end", PM_DRAIN_END },
};
enum { CONSTANTS = sizeof(constants) / sizeof(constants[0]) };

static uint64_t value_now(const struct knob *k)
{
	const void *at = (const char *)&config + k->offset;

	return k->type == KNOB_ENUM ? *(const unsigned *)at
				    : *(const uint64_t *)at;
}

static bool is_listed(const struct knob *k, const char *word)
{
	for (size_t i = 0; i < CONSTANTS; i++)
		if (!strcmp(constants[i].knob, k->name) &&
		    !strcmp(constants[i].word, word))
			return true;
	return false;
}

static bool words_are_their_constants(void)
{
	for (size_t i = 0; i < CONSTANTS; i++) {
		const struct knob *k = pm_knob_find(constants[i].knob);

		CHECK(k && parses(k, constants[i].word, constants[i].word));
		tap_note("%s = %s", k->name, constants[i].word);
		CHECK(value_now(k) == constants[i].value);
	}
	return true;
}

static bool every_word_has_a_constant(void)
{
	char word[PM_VALUE_MAX];

	for (size_t i = 0; i < pm_knob_count; i++)
		for (size_t n = 0; pm_knob_choice(&pm_knobs[i], n, word); n++) {
			tap_note("%s = %s", pm_knobs[i].name, word);
			CHECK(is_listed(&pm_knobs[i], word));
		}
	return true;
}

static bool notation(void)
{
	static const struct {
		enum knob_unit unit;
		const char    *text;
		uint64_t       value;
		const char    *printed;
	} t[] = {
		{ UNIT_BYTES, "0", 0, "0" },
		{ UNIT_BYTES, "1", 1, "1" },
		{ UNIT_BYTES, "64K", 65536, "64K" },
		{ UNIT_BYTES, "65536", 65536, "64K" },
		{ UNIT_BYTES, "64k", 65536, "64K" },
		{ UNIT_BYTES, "64KiB", 65536, "64K" },
		{ UNIT_BYTES, "1000", 1000, "1000" },
		{ UNIT_BYTES, "1.5K", 1536, "1536" },
		{ UNIT_BYTES, "0.5M", 524288, "512K" },
		{ UNIT_BYTES, "1024K", 1048576, "1M" },
		{ UNIT_BYTES, "007", 7, "7" },
		{ UNIT_BYTES, "8388607T", 9223370937343148032u, "8388607T" },
		{ UNIT_COUNT, "10K", 10000, "10K" },
		{ UNIT_COUNT, "1024", 1024, "1024" },
		{ UNIT_COUNT, "2.5M", 2500000, "2500K" },
		{ UNIT_COUNT, "9223372036854775807", INT64_MAX,
		  "9223372036854775807" },
		{ UNIT_PER_SECOND, "1K", 1000, "1K" },
		{ UNIT_NS, "0", 0, "0" },
		{ UNIT_NS, "1ns", 1, "1ns" },
		{ UNIT_NS, "200ms", 200000000, "200ms" },
		{ UNIT_NS, "1500ms", 1500000000, "1500ms" },
		{ UNIT_NS, "1.5s", 1500000000, "1500ms" },
		{ UNIT_NS, "1.500000000s", 1500000000, "1500ms" },
		{ UNIT_NS, "60s", 60000000000, "1min" },
		{ UNIT_NS, "90s", 90000000000, "90s" },
		{ UNIT_NS, "1h", 3600000000000, "1h" },
		{ UNIT_NS, "0.000001h", 3600000, "3600us" },
	};
	char buf[PM_VALUE_MAX];
	uint64_t value;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		tap_note("%s", t[i].text);
		CHECK(!pm_parse_u64(t[i].text, t[i].unit, &value, NULL));
		CHECK(value == t[i].value);
		CHECK(!strcmp(pm_print_u64(value, t[i].unit, buf),
			      t[i].printed));
	}
	return true;
}

static bool bad_numbers(void)
{
#define SIZES "write 64, 64K, 1M (K = 1024)"
#define TIMES "write 500ns, 10us, 200ms, 5s, 2min, 1h"
	CHECK(refuses("message", "1.5x", "1.5x is no size: " SIZES));
	CHECK(refuses("message", "", "nothing is no size: " SIZES));
	CHECK(refuses("message", "-1", "-1 is no size: " SIZES));
	CHECK(refuses("message", "+1", "+1 is no size: " SIZES));
	CHECK(refuses("message", " 1", " 1 is no size: " SIZES));
	CHECK(refuses("message", "1 ", "1  is no size: " SIZES));
	CHECK(refuses("message", "0x10", "0x10 is no size: " SIZES));
	CHECK(refuses("message", "1e3", "1e3 is no size: " SIZES));
	CHECK(refuses("message", ".5K", ".5K is no size: " SIZES));
	CHECK(refuses("message", "1.K", "1.K is no size: " SIZES));
	CHECK(refuses("message", "1,5K", "1,5K is no size: " SIZES));
	CHECK(refuses("message", "64KB", "64KB is no size: " SIZES));
	CHECK(refuses("message", "1.5",
		      "1.5 is no whole number of bytes: " SIZES));
	CHECK(refuses("message", "0.1K",
		      "0.1K is no whole number of bytes: " SIZES));
	CHECK(refuses("message", "2G", "2G is above the most: 1G"));
	CHECK(refuses("message", "8388608T", "8388608T is too large for a size"));
	CHECK(refuses("message", "18446744073709551616",
		      "18446744073709551616 is too large for a size"));
	CHECK(refuses("message", "18446744073709551615",
		      "18446744073709551615 is too large for a size"));
	CHECK(refuses("time", "5",
		      "5 is no time, its unit is missing: " TIMES));
	CHECK(refuses("time", "5m", "5m is no time: " TIMES));
	CHECK(refuses("time", "5S", "5S is no time: " TIMES));
	CHECK(refuses("time", "0.5ns",
		      "0.5ns is no whole number of ns: " TIMES));
	CHECK(refuses("time", "10us", "10us is below the least: 1ms"));
	CHECK(refuses("time", "0", "0 is below the least: 1ms"));
	CHECK(refuses("time", "25h", "25h is above the most: 24h"));
	CHECK(refuses("precision", "4", "4 is above the most: 3"));
	CHECK(refuses("slots", "many", "many is no count: write 1, 100, "
		      "10K (K = 1000); or write auto"));
	CHECK(refuses("poll", "yeild", "yeild is unknown: did you mean yield?"));
	return true;
}

static bool bad_words(void)
{
	CHECK(refuses("kind", "named ", "named  is unknown: did you mean named?"));
	CHECK(refuses("kind", "pipe", "pipe is unknown: write anonymous, named"));
	CHECK(refuses("kind", "", "nothing is unknown: write anonymous, named"));
	CHECK(refuses("mode", "Byte", "Byte is unknown: did you mean byte?"));
	CHECK(refuses("verify", "true", "true is unknown: write yes or no"));
	CHECK(refuses("verify", "", "nothing is unknown: write yes or no"));
	return true;
}

static bool bad_texts(void)
{
	char text[2 * IPC_TEXT_MAX];

	CHECK(refuses("transport", "fifi",
		      "fifi is unknown: did you mean fifo?"));
	CHECK(refuses("transport", "carrier-pigeon", "carrier-pigeon is unknown: "
		      "write auto, or one of pipemark list transports"));
	CHECK(refuses("io", "blockng",
		      "blockng is unknown: did you mean blocking?"));
	CHECK(refuses("io", "", "nothing is unknown: write overlapped, or one "
		      "of pipemark list engines"));
	CHECK(refuses("name", "../x", "../x is no name: write random, or "
		      "letters, digits, . _ - (at most 64)"));
	CHECK(refuses("placement", "1:", "1: is unknown: write auto, free, same, "
		      "different, or P:C (CPU numbers)"));
	CHECK(refuses("placement", "1:70000", "1:70000 is unknown: write auto, "
		      "free, same, different, or P:C (CPU numbers)"));
	CHECK(refuses("priority", "fifo:0", "fifo:0 is unknown: write normal, "
		      "high, or fifo:N (N from 1 to 99)"));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	CHECK(refuses("name", text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "
		      "is too long: 127 bytes at most"));
	return true;
}

static bool texts_have_one_form(void)
{
	CHECK(parses(pm_knob_find("placement"), "00:017", "0:17"));
	CHECK(parses(pm_knob_find("placement"), "different", "different"));
	CHECK(parses(pm_knob_find("priority"), "fifo:07", "fifo:7"));
	CHECK(parses(pm_knob_find("priority"), "high", "high"));
	CHECK(parses(pm_knob_find("name"), "a.b_c-1", "a.b_c-1"));
	return true;
}

/* The other system's too: only resolving knows which system this is. */
static bool everything_known_parses(void)
{
	for (size_t i = 0; ipc_transports[i].name; i++)
		CHECK(parses(pm_knob_find("transport"), ipc_transports[i].name,
			     ipc_transports[i].name));
	for (size_t i = 0; ipc_engines[i].name; i++)
		CHECK(parses(pm_knob_find("io"), ipc_engines[i].name,
			     ipc_engines[i].name));
	CHECK(parses(pm_knob_find("io"), "overlapped", "overlapped"));
	CHECK(parses(pm_knob_find("transport"), "anon", "anon"));
	CHECK(parses(pm_knob_find("transport"), "fifo", "fifo"));
	return true;
}

static uint64_t draw_number(const struct knob *k)
{
	uint64_t span = k->max - k->min + 1, value = draw();

	if (draw() % 2) /* round ones print with a suffix */
		value = (value % 1000) << (draw() % 30);
	return k->min + value % span;
}

/* Some value of the row, as text that need not be canonical. */
static void draw_text(const struct knob *k, char text[PM_VALUE_MAX])
{
	size_t choices = 0;

	while (pm_knob_choice(k, choices, text))
		choices++;
	if (k->type == KNOB_BOOL)
		snprintf(text, PM_VALUE_MAX, "%s", draw() % 2 ? "yes" : "no");
	else if (k->domain == DOMAIN_PLACEMENT)
		snprintf(text, PM_VALUE_MAX, "%u:%u", (unsigned)(draw() % 65536),
			 (unsigned)(draw() % 65536));
	else if (k->domain == DOMAIN_PRIORITY)
		snprintf(text, PM_VALUE_MAX, "fifo:%u",
			 1 + (unsigned)(draw() % 99));
	else if (k->domain == DOMAIN_NAME)
		snprintf(text, PM_VALUE_MAX, "n%" PRIx64, draw());
	else if (k->domain == DOMAIN_SECURITY)
		snprintf(text, PM_VALUE_MAX, "mode:%04o",
			 (unsigned)(draw() % 01000));
	else if (k->domain == DOMAIN_HOST)
		snprintf(text, PM_VALUE_MAX, "h%" PRIx64, draw());
	else if (k->domain == DOMAIN_TRANSPORT)
		snprintf(text, PM_VALUE_MAX, "%s",
			 ipc_transports[draw() % 5].name);
	else if (k->domain == DOMAIN_ENGINE)
		snprintf(text, PM_VALUE_MAX, "%s", ipc_engines[draw() % 2].name);
	else if (choices && (k->type == KNOB_ENUM || draw() % 4 == 0))
		pm_knob_choice(k, draw() % choices, text);
	else
		pm_print_u64(draw_number(k), k->unit, text);
}

static bool what_is_printed_parses(void)
{
	static struct pm_config before, after;
	char text[PM_VALUE_MAX], again[PM_VALUE_MAX];

	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		tap_note("%s", k->name);
		for (int n = 0; n < 2000; n++) {
			draw_text(k, text);
			CHECK(!pm_knob_parse(k, text, &before, NULL));
			pm_knob_print(k, &before, again);
			CHECK(!pm_knob_parse(k, again, &after, NULL));
			CHECK(pm_knob_equal(k, &before, &after));
			CHECK(!strcmp(pm_knob_print(k, &after, text), again));
		}
	}
	return true;
}

static bool numbers_survive_in_every_unit(void)
{
	static const enum knob_unit units[] = { UNIT_NONE, UNIT_BYTES,
						UNIT_COUNT, UNIT_NS,
						UNIT_PER_SECOND };
	char text[PM_VALUE_MAX];
	uint64_t value, back;

	for (int n = 0; n < 20000; n++) {
		enum knob_unit unit = units[n % 5];

		value = draw() >> (1 + draw() % 63);
		if (draw() % 2)
			value -= value % 60000000000;
		pm_print_u64(value, unit, text);
		CHECK(!pm_parse_u64(text, unit, &back, NULL));
		CHECK(value == back);
	}
	return true;
}

static bool equal_and_copy_see_one_knob(void)
{
	static struct pm_config a, b;
	const struct knob *name = pm_knob_find("name");
	const struct knob *message = pm_knob_find("message");

	CHECK(!pm_knob_parse(name, "something", &a, NULL));
	CHECK(!pm_knob_parse(message, "64", &a, NULL));
	CHECK(!pm_knob_equal(name, &a, &b) && !pm_knob_equal(message, &a, &b));
	pm_knob_copy(name, &b, &a);
	CHECK(pm_knob_equal(name, &a, &b) && !pm_knob_equal(message, &a, &b));
	/* nothing of a longer text stays behind */
	CHECK(!pm_knob_parse(name, "some", &a, NULL));
	CHECK(!memchr(a.io.name + 4, 't', IPC_TEXT_MAX - 4));
	return true;
}

static bool unknown_names(void)
{
	struct ipc_err err;

	CHECK(pm_knob_find("read_size") == pm_knob_find("read-size"));
	CHECK(pm_knob_find("read-size") && !pm_knob_find("readsize"));
	CHECK(!pm_knob_find("") && !pm_knob_find("messag") &&
	      !pm_knob_find("messages"));
	CHECK(pm_knob_unknown("messge", &err) == IPC_INVALID);
	CHECK(!strcmp(err.what, "messge is no knob: did you mean message?"));
	CHECK(pm_knob_unknown("zzz", &err) == IPC_INVALID);
	CHECK(!strcmp(err.what, "zzz is no knob: pipemark list knobs has them "
		      "all"));
	return true;
}

static bool option_is(char **argv, int argc, const char *name,
		      const char *value, int used)
{
	const char *got = "unset";
	int i = 0;
	const struct knob *k = pm_knob_option(argc, argv, &i, &got);

	if (!name)
		return !k && !i;
	CHECK(k && !strcmp(k->name, name));
	CHECK(value ? got && !strcmp(got, value) : !got);
	CHECK_EQ(i, used);
	return true;
}

static bool options_of_the_command_line(void)
{
#define OPTION(name, value, used, ...) \
	option_is((char *[]){ __VA_ARGS__ }, \
		  (int)(sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *)), \
		  name, value, used)
	static char message[] = "--message", equals[] = "--message=64,4K";
	static char size[] = "64", verify[] = "--verify", no[] = "no";
	static char list[] = "no,yes", nothing[] = "nothing", minus[] = "-m";
	static char other[] = "--trials", under[] = "--read_size=0";
	static char dashes[] = "--", empty[] = "--message=";

	CHECK(OPTION("message", "64", 1, message, size));
	CHECK(OPTION("message", NULL, 0, message));
	CHECK(OPTION("message", "64,4K", 0, equals, size));
	CHECK(OPTION("message", "", 0, empty, size));
	CHECK(OPTION("read-size", "0", 0, under));
	CHECK(OPTION("verify", "yes", 0, verify));
	CHECK(OPTION("verify", "no", 1, verify, no));
	CHECK(OPTION("verify", "no,yes", 1, verify, list));
	CHECK(OPTION("verify", "yes", 0, verify, nothing));
	CHECK(OPTION(NULL, NULL, 0, other, size));
	CHECK(OPTION(NULL, NULL, 0, minus, size));
	CHECK(OPTION(NULL, NULL, 0, dashes, size));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(every_row_is_sane);
	TEST(names_are_the_fields);
	TEST(defaults_are_canonical);
	TEST(words_are_their_constants);
	TEST(every_word_has_a_constant);
	TEST(notation);
	TEST(bad_numbers);
	TEST(bad_words);
	TEST(bad_texts);
	TEST(texts_have_one_form);
	TEST(everything_known_parses);
	TEST(what_is_printed_parses);
	TEST(numbers_survive_in_every_unit);
	TEST(equal_and_copy_see_one_knob);
	TEST(unknown_names);
	TEST(options_of_the_command_line);
	return tap_done();
}
