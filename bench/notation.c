/* Numbers as people write them: 64K, 1.5M, 200ms.  No locale, no float. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/knob.h"

struct suffix {
	enum knob_unit unit;
	const char    *text;
	uint64_t       factor;
	bool           printed; /* else only read */
};

/* Of each unit from small to large. */
static const struct suffix suffixes[] = {
	{ UNIT_NONE, "", 1, true },
	{ UNIT_BYTES, "", 1, true },
	{ UNIT_BYTES, "K", 1024, true },
	{ UNIT_BYTES, "M", 1024 * 1024, true },
	{ UNIT_BYTES, "G", 1024 * 1024 * 1024, true },
	{ UNIT_BYTES, "T", 1024ull * 1024 * 1024 * 1024, true },
	{ UNIT_BYTES, "k", 1024, false },
	{ UNIT_BYTES, "m", 1024 * 1024, false },
	{ UNIT_BYTES, "g", 1024 * 1024 * 1024, false },
	{ UNIT_BYTES, "KiB", 1024, false },
	{ UNIT_BYTES, "MiB", 1024 * 1024, false },
	{ UNIT_BYTES, "GiB", 1024 * 1024 * 1024, false },
	{ UNIT_COUNT, "", 1, true },
	{ UNIT_COUNT, "K", 1000, true },
	{ UNIT_COUNT, "M", 1000000, true },
	{ UNIT_COUNT, "G", 1000000000, true },
	{ UNIT_COUNT, "k", 1000, false },
	{ UNIT_PER_SECOND, "", 1, true },
	{ UNIT_PER_SECOND, "K", 1000, true },
	{ UNIT_PER_SECOND, "M", 1000000, true },
	{ UNIT_PER_SECOND, "G", 1000000000, true },
	{ UNIT_PER_SECOND, "k", 1000, false },
	{ UNIT_NS, "ns", 1, true },
	{ UNIT_NS, "us", 1000, true },
	{ UNIT_NS, "ms", 1000000, true },
	{ UNIT_NS, "s", 1000000000, true },
	{ UNIT_NS, "min", 60000000000, true },
	{ UNIT_NS, "h", 3600000000000, true },
};
enum { SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

/* How a unit is called, what a number of it is, and what would be one. */
static const struct {
	const char *name, *noun, *examples;
} units[] = {
	[UNIT_NONE] = { "none", "number", "1, 2, 3" },
	[UNIT_BYTES] = { "bytes", "size", "64, 64K, 1M (K = 1024)" },
	[UNIT_COUNT] = { "count", "count", "1, 100, 10K (K = 1000)" },
	[UNIT_NS] = { "ns", "time", "500ns, 10us, 200ms, 5s, 2min, 1h" },
	[UNIT_PER_SECOND] = { "1/s", "rate", "100, 10K, 1M (K = 1000)" },
};

/* Digits after the point: so many that factor times 10^6 fits 64 bits. */
enum { FRACTION_MAX = 6 };
/* Anything above is too large: room for words, signs and sums. */
#define VALUE_MOST ((uint64_t)INT64_MAX)

const char *pm_unit_name(enum knob_unit unit)
{
	return units[unit].name;
}

static const struct suffix *find_suffix(enum knob_unit unit, const char *text)
{
	for (size_t i = 0; i < SUFFIXES; i++)
		if (suffixes[i].unit == unit &&
		    !strcmp(suffixes[i].text, text))
			return &suffixes[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct decimal {
	uint64_t whole, fraction; /* fraction / scale */
	uint64_t scale;
	bool     too_large, too_fine;
};

/* Reads what looks like a number; returns what follows it, NULL if nothing. */
static const char *read_decimal(const char *p, struct decimal *d)
{
	*d = (struct decimal){ .scale = 1 };
	if (!is_digit(*p))
		return NULL;
	for (; is_digit(*p); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (d->whole > (VALUE_MOST - digit) / 10)
			d->too_large = true;
		else
			d->whole = d->whole * 10 + digit;
	}
	if (*p != '.')
		return p;
	if (!is_digit(*++p))
		return NULL;
	const char *last = p;
	for (const char *q = p; is_digit(*q); q++)
		if (*q != '0')
			last = q + 1;
	d->too_fine = last - p > FRACTION_MAX;
	for (const char *q = p; q < last && !d->too_fine; q++) {
		d->fraction = d->fraction * 10 + (unsigned)(*q - '0');
		d->scale *= 10;
	}
	while (is_digit(*p))
		p++;
	return p;
}

static bool scaled(const struct decimal *d, uint64_t factor, uint64_t *out)
{
	uint64_t part = d->fraction * factor / d->scale;

	if (d->whole > (VALUE_MOST - part) / factor)
		return false;
	*out = d->whole * factor + part;
	return true;
}

enum ipc_rc pm_parse_u64(const char *text, enum knob_unit unit, uint64_t *out,
			 struct ipc_err *err)
{
	const char *noun = units[unit].noun, *examples = units[unit].examples;
	struct decimal d;
	const char *rest = read_decimal(text, &d);

	/* Nothing is nothing in every unit. */
	if (!strcmp(text, "0")) {
		*out = 0;
		return IPC_OK;
	}
	const struct suffix *suffix = rest ? find_suffix(unit, rest) : NULL;
	if (!suffix && rest && !*rest)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is no %s, its unit is missing: write %s",
				   text, noun, examples);
	if (!suffix)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is no %s: write %s",
				   *text ? text : "nothing", noun, examples);
	if (d.too_fine || d.fraction * suffix->factor % d.scale)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is no whole number of %s: write %s",
				   text, units[unit].name, examples);
	if (d.too_large || !scaled(&d, suffix->factor, out))
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is too large for a %s", text, noun);
	return IPC_OK;
}

const char *pm_print_u64(uint64_t value, enum knob_unit unit,
			 char buf[PM_VALUE_MAX])
{
	const struct suffix *best = NULL;

	for (size_t i = 0; i < SUFFIXES; i++)
		if (suffixes[i].unit == unit && suffixes[i].printed &&
		    value % suffixes[i].factor == 0)
			best = &suffixes[i];
	if (!value)
		snprintf(buf, PM_VALUE_MAX, "0");
	else
		snprintf(buf, PM_VALUE_MAX, "%" PRIu64 "%s",
			 value / best->factor, best->text);
	return buf;
}
