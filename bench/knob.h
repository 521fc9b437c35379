#ifndef PM_KNOB_H
#define PM_KNOB_H
/*
 * The table of knobs: every declaration of ipc/opts.def and bench/knobs.def,
 * as rows that everything else walks: command line, matrix file, help,
 * results, arguments of the children, documents, tests.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/config.h"
#include "ipc/err.h"

enum knob_type { KNOB_U64, KNOB_BOOL, KNOB_ENUM, KNOB_TEXT };
enum knob_unit { UNIT_NONE, UNIT_BYTES, UNIT_COUNT, UNIT_NS, UNIT_PER_SECOND };
enum knob_domain { /* what a TEXT may say */
	DOMAIN_ANY,
	DOMAIN_TRANSPORT,
	DOMAIN_ENGINE,
	DOMAIN_NAME,
	DOMAIN_SECURITY,
	DOMAIN_HOST,
	DOMAIN_PLACEMENT,
	DOMAIN_PRIORITY
};
enum { ON_LINUX = 1, ON_WINDOWS = 2 }; /* .hosts; 0: everywhere */
/* .by: who must list the knob among its own before it may leave its default */
enum knob_by { BY_BENCH, BY_TRANSPORT, BY_ENGINE };

enum { KNOB_NAME_MAX = 24 };

struct knob {
	char             name[KNOB_NAME_MAX]; /* as typed: "read-size" */
	enum knob_type   type;
	enum knob_unit   unit;
	enum knob_domain domain;
	enum knob_by     by;
	unsigned         hosts;
	const char      *def;     /* in the user's notation; "=mode": as mode */
	const char      *choices; /* ENUM: space separated, in value order */
	const char      *words;   /* U64: the k-th stands for IPC_WORD(k) */
	uint64_t         min, max;
	const char      *group, *help;
	size_t           offset;  /* into struct pm_config */
	const char      *note;    /* for KNOBS.md, may be NULL */
	/*
	 * What is asked for and not how it is done: cells that differ in it
	 * are never ranked against each other, on the screen or the page.
	 */
	bool             question;
};

extern const struct knob pm_knobs[];
extern const size_t      pm_knob_count;

enum { PM_VALUE_MAX = IPC_TEXT_MAX };

/* By its name ('_' and '-' alike); NULL if there is none. */
const struct knob *pm_knob_find(const char *name);
size_t pm_knob_index(const struct knob *knob);
/* What a "=" default follows, NULL for any other. */
const struct knob *pm_knob_followed(const struct knob *knob);
/* Does it have the value of the one that it follows?  Give it that value. */
bool pm_knob_follows(const struct knob *knob, const struct pm_config *config);
void pm_knob_follow(const struct knob *knob, struct pm_config *config);
/* "messge is no knob: did you mean message?"; always IPC_INVALID. */
enum ipc_rc pm_knob_unknown(const char *name, struct ipc_err *err);
/* Its k-th choice (ENUM) or word (U64); NULL after the last. */
const char *pm_knob_choice(const struct knob *knob, size_t k,
			   char buf[PM_VALUE_MAX]);

/*
 * Is argv[*i] "--knob value", "--knob=value" or, for a BOOL, "--knob" alone?
 * Then the knob, *value (NULL if it is missing) and *i moved to the last
 * argument used; else NULL.
 */
const struct knob *pm_knob_option(int argc, char **argv, int *i,
				  const char **value);

/*
 * Parse one value into config.  IPC_INVALID with a reason that names what
 * would work ("1.5x is no size: write 64, 64K, 1M").  Follows no "=" default.
 */
enum ipc_rc pm_knob_parse(const struct knob *knob, const char *text,
			  struct pm_config *config, struct ipc_err *err);
/* The usual notation, which parses to the same value: 65536 is "64K". */
const char *pm_knob_print(const struct knob *knob,
			  const struct pm_config *config,
			  char buf[PM_VALUE_MAX]);
/* What a TEXT may say, in words, and the placeholder of it, "TRANSPORT". */
const char *pm_domain_text(enum knob_domain domain);
const char *pm_domain_placeholder(enum knob_domain domain);

/*
 * For help and documents.  What to write: "SIZE|os", "byte|message"; which
 * values are right: "0 to 1G, or os"; the default: "64K", "as mode".
 */
const char *pm_knob_placeholder(const struct knob *knob,
				char buf[PM_VALUE_MAX]);
const char *pm_knob_range(const struct knob *knob, char buf[PM_VALUE_MAX]);
const char *pm_knob_default(const struct knob *knob, char buf[PM_VALUE_MAX]);
/* " (Windows only)", or "". */
const char *pm_knob_where(const struct knob *knob);
/*
 * Is text a value of the domain?  canonical is its one way to be written.
 * Transports and engines of the other system are: ipc_resolve refuses them.
 */
enum ipc_rc pm_domain_check(enum knob_domain domain, const char *text,
			    char canonical[PM_VALUE_MAX], struct ipc_err *err);
bool pm_knob_equal(const struct knob *knob, const struct pm_config *a,
		   const struct pm_config *b);
/* The number, in the knob's unit; false where a word stands for it. */
bool pm_knob_number(const struct knob *knob, const struct pm_config *config,
		    uint64_t *out);
void pm_knob_copy(const struct knob *knob, struct pm_config *to,
		  const struct pm_config *from);

/*
 * Notation shared with options that are no knobs (--budget, --timeout).
 * 1.5M is fine where it is a whole number; a time needs its unit, 0 does not.
 */
enum ipc_rc pm_parse_u64(const char *text, enum knob_unit unit, uint64_t *out,
			 struct ipc_err *err);
const char *pm_print_u64(uint64_t value, enum knob_unit unit,
			 char buf[PM_VALUE_MAX]);
const char *pm_unit_name(enum knob_unit unit); /* "bytes", "ns", ... */

#endif
