#ifndef PM_JSON_READ_H
#define PM_JSON_READ_H
/*
 * Reading JSON back, one document at a time, with jsmn below.  A value is the
 * index of its token; absent ones are PM_NO_VALUE, which every call takes as
 * a value of no type.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PM_NO_VALUE = -1 };

struct pm_doc {
	const char *text;   /* the caller's, as long as the doc is used */
	void       *tokens; /* private; grow and are kept for the next one */
	int        *after;  /* of each token: the first one behind all of it */
	size_t      room;
	int         count;
};

/*
 * One object.  False if text is none, is broken or nested deeper than 64, or
 * memory is short.
 */
bool pm_doc_parse(struct pm_doc *doc, const char *text, size_t length);
void pm_doc_free(struct pm_doc *doc); /* harmless when zeroed */

/* Member of an object (the document itself is value 0). */
int pm_doc_get(const struct pm_doc *doc, int object, const char *key);
/*
 * Walk through: first child of an object or array, then the next one, until
 * PM_NO_VALUE.  Children of an object are its keys; pm_doc_of is the value
 * of a key.
 */
int pm_doc_first(const struct pm_doc *doc, int parent);
int pm_doc_next(const struct pm_doc *doc, int parent, int child);
int pm_doc_of(int key);

bool pm_doc_is_object(const struct pm_doc *doc, int value);
bool pm_doc_is_array(const struct pm_doc *doc, int value);
bool pm_doc_is_null(const struct pm_doc *doc, int value);
/* Does a string (or key) say this? */
bool pm_doc_says(const struct pm_doc *doc, int value, const char *text);
/* All of a string, unescaped.  False if it is none or does not fit. */
bool pm_doc_text(const struct pm_doc *doc, int value, char *buf, size_t size);
bool pm_doc_u64(const struct pm_doc *doc, int value, uint64_t *out);
bool pm_doc_number(const struct pm_doc *doc, int value, double *out);
bool pm_doc_bool(const struct pm_doc *doc, int value, bool *out);

#endif
