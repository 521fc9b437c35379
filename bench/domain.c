/* What the knobs that take text may say. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/suggest.h"
#include "ipc/registry.h"

enum { NAME_LENGTH_MAX = 64 }; /* a UNIX socket's path has 107 bytes in all */

static const char *const domain_texts[] = {
	[DOMAIN_ANY] = "text",
	[DOMAIN_TRANSPORT] = "auto, or one of pipemark list transports",
	[DOMAIN_ENGINE] = "overlapped, or one of pipemark list engines",
	[DOMAIN_NAME] = "random, or letters, digits, . _ - (at most 64)",
	[DOMAIN_PLACEMENT] = "auto, free, same, different, or P:C (CPU numbers)",
	[DOMAIN_PRIORITY] = "normal, high, or fifo:N (N from 1 to 99)",
};

const char *pm_domain_text(enum knob_domain domain)
{
	return domain_texts[domain];
}

static enum ipc_rc refuse(enum knob_domain domain, const char *text,
			  const struct pm_suggest *s, struct ipc_err *err)
{
	const char *best = pm_suggest_best(s);

	if (best)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is unknown: did you mean %s?", text,
				   best);
	return ipc_refusef(err, IPC_INVALID, "", "%.40s is %s: write %s",
			   *text ? text : "nothing",
			   domain == DOMAIN_NAME ? "no name" : "unknown",
			   domain_texts[domain]);
}

static bool offer_words(struct pm_suggest *s, const char *const *words)
{
	bool found = false;

	for (; *words; words++) {
		pm_suggest_offer(s, *words);
		found |= !strcmp(s->word, *words);
	}
	return found;
}

static bool is_transport(const char *text, struct pm_suggest *s)
{
	static const char *const words[] = { "auto", NULL };

	for (size_t i = 0; ipc_transports[i].name; i++)
		pm_suggest_offer(s, ipc_transports[i].name);
	return offer_words(s, words) || ipc_find_transport(text);
}

static bool is_engine(const char *text, struct pm_suggest *s)
{
	/* A style of both systems, whatever engine stands for it. */
	static const char *const words[] = { "overlapped", NULL };

	for (size_t i = 0; ipc_engines[i].name; i++)
		pm_suggest_offer(s, ipc_engines[i].name);
	return offer_words(s, words) || ipc_find_engine(text);
}

/* It becomes part of a path: nothing that means something there. */
static bool is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t size = strlen(text);

	return size && size <= NAME_LENGTH_MAX && text[0] != '.' &&
	       text[0] != '-' && strspn(text, letters) == size;
}

/* Digits alone: an index, below limit. */
static bool read_index(const char *text, size_t size, unsigned limit,
		       unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text[i] - '0');
		if (*out >= limit)
			return false;
	}
	return size > 0;
}

static bool is_placement(const char *text, char canonical[PM_VALUE_MAX],
			 struct pm_suggest *s)
{
	static const char *const words[] = { "auto", "free", "same",
					     "different", NULL };
	size_t first = strcspn(text, ":");
	unsigned producer, consumer;

	if (offer_words(s, words))
		return true;
	if (!text[first] || !read_index(text, first, 65536, &producer) ||
	    !read_index(text + first + 1, strlen(text + first + 1), 65536,
			&consumer))
		return false;
	snprintf(canonical, PM_VALUE_MAX, "%u:%u", producer, consumer);
	return true;
}

static bool is_priority(const char *text, char canonical[PM_VALUE_MAX],
			struct pm_suggest *s)
{
	static const char *const words[] = { "normal", "high", NULL };
	unsigned level;

	if (offer_words(s, words))
		return true;
	if (strncmp(text, "fifo:", 5) ||
	    !read_index(text + 5, strlen(text + 5), 100, &level) || !level)
		return false;
	snprintf(canonical, PM_VALUE_MAX, "fifo:%u", level);
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

static bool fits(enum knob_domain domain, const char *text,
		 char canonical[PM_VALUE_MAX], struct pm_suggest *s)
{
	switch (domain) {
	case DOMAIN_TRANSPORT:
		return is_transport(text, s);
	case DOMAIN_ENGINE:
		return is_engine(text, s);
	case DOMAIN_NAME:
		return is_name(text);
	case DOMAIN_PLACEMENT:
		return is_placement(text, canonical, s);
	case DOMAIN_PRIORITY:
		return is_priority(text, canonical, s);
	case DOMAIN_ANY:
		break;
	}
	return is_plain(text);
}

enum ipc_rc pm_domain_check(enum knob_domain domain, const char *text,
			    char canonical[PM_VALUE_MAX], struct ipc_err *err)
{
	struct pm_suggest s;

	pm_suggest_start(&s, text);
	snprintf(canonical, PM_VALUE_MAX, "%s", text);
	return fits(domain, text, canonical, &s) ? IPC_OK
						 : refuse(domain, text, &s, err);
}
