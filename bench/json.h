#ifndef PM_JSON_H
#define PM_JSON_H
/*
 * A streaming JSON writer into a growing buffer: it knows nesting and commas,
 * never a tree.  The caller supplies UTF-8; bytes that are not are replaced.
 * Doubles that are no finite number become null.  A failed allocation is
 * remembered in .failed and turns the rest into no-ops.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pm_json {
	char    *text; /* always terminated once something was written */
	size_t   length, room;
	bool     comma, failed;
};

void pm_json_free(struct pm_json *j); /* harmless when zeroed */
void pm_json_reset(struct pm_json *j);

/* key is NULL inside arrays and at the top. */
void pm_json_open(struct pm_json *j, const char *key, char bracket); /* '{' '[' */
void pm_json_close(struct pm_json *j, char bracket);                 /* '}' ']' */
void pm_json_newline(struct pm_json *j); /* between the lines of JSON Lines */
void pm_json_str(struct pm_json *j, const char *key,
		 const char *value); /* NULL: null */
void pm_json_u64(struct pm_json *j, const char *key, uint64_t value);
void pm_json_i64(struct pm_json *j, const char *key, int64_t value);
/*
 * Whole numbers without a point, others with 10 significant digits (or all
 * that stand before the point); no exponent from 0.0001 up to 2^53.
 */
void pm_json_num(struct pm_json *j, const char *key, double value);
void pm_json_bool(struct pm_json *j, const char *key, bool value);
void pm_json_null(struct pm_json *j, const char *key);
void pm_json_raw(struct pm_json *j, const char *key, const char *json);

/* The same number as text, for CSV: identical to what the result file says. */
const char *pm_json_number_text(double value, char buf[32]);

struct pm_hist;
/* The "hist" object of FORMAT.md. */
void pm_json_hist(struct pm_json *j, const char *key, const struct pm_hist *h);

#endif
