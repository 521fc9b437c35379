/* What the knobs that take text may say. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/suggest.h"
#include "ipc/registry.h"

enum { NAME_LENGTH_MAX = 64 }; /* a UNIX socket's path has 107 bytes in all */

static const struct {
	const char *placeholder, *text;
} domains[] = {
	[DOMAIN_ANY] = { "TEXT", "text" },
	[DOMAIN_TRANSPORT] = { "TRANSPORT",
			       "auto, or one of pipemark list transports" },
	[DOMAIN_ENGINE] = { "STYLE",
			    "overlapped, or one of pipemark list engines" },
	[DOMAIN_NAME] = { "NAME",
			  "random, or letters, digits, . _ - (at most 64)" },
	[DOMAIN_SECURITY] = { "WHO", "private, os, sddl:TEXT or mode:OCTAL "
			      "(mode:0660)" },
	[DOMAIN_HOST] = { "HOST", ". or the name of a machine" },
	[DOMAIN_PLACEMENT] = { "PLACE", "auto, free, same, different, or P:C "
			       "(CPU numbers)" },
	[DOMAIN_PRIORITY] = { "PRIORITY",
			      "normal, high, or fifo:N (N from 1 to 99)" },
};

const char *pm_domain_text(enum knob_domain domain)
{
	return domains[domain].text;
}

const char *pm_domain_placeholder(enum knob_domain domain)
{
	return domains[domain].placeholder;
}

/* Words of a domain beside the names in the registry, ended by NULL. */
static const char *const domain_words[][5] = {
	[DOMAIN_ANY] = { NULL },
	[DOMAIN_TRANSPORT] = { "auto" },
	/* a style of both systems, whatever engine stands for it */
	[DOMAIN_ENGINE] = { "overlapped" },
	[DOMAIN_NAME] = { "random" },
	[DOMAIN_SECURITY] = { "private", "os" },
	[DOMAIN_HOST] = { "." },
	[DOMAIN_PLACEMENT] = { "auto", "free", "same", "different" },
	[DOMAIN_PRIORITY] = { "normal", "high" },
};

static bool is_word(enum knob_domain domain, const char *text)
{
	for (size_t i = 0; domain_words[domain][i]; i++)
		if (!strcmp(domain_words[domain][i], text))
			return true;
	return false;
}

static const char *nearest(enum knob_domain domain, const char *text)
{
	struct pm_suggest s;

	pm_suggest_start(&s, text);
	for (size_t i = 0; domain_words[domain][i]; i++)
		pm_suggest_offer(&s, domain_words[domain][i]);
	for (size_t i = 0; domain == DOMAIN_TRANSPORT && ipc_transports[i].name;
	     i++)
		pm_suggest_offer(&s, ipc_transports[i].name);
	for (size_t i = 0; domain == DOMAIN_ENGINE && ipc_engines[i].name; i++)
		pm_suggest_offer(&s, ipc_engines[i].name);
	return pm_suggest_best(&s);
}

static enum ipc_rc refuse(enum knob_domain domain, const char *text,
			  struct ipc_err *err)
{
	const char *best = nearest(domain, text);

	if (best)
		return ipc_refusef(err, IPC_INVALID, "",
				   "%.40s is unknown: did you mean %s?", text,
				   best);
	return ipc_refusef(err, IPC_INVALID, "", "%.40s is %s: write %s",
			   *text ? text : "nothing",
			   domain == DOMAIN_NAME ? "no name" : "unknown",
			   domains[domain].text);
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

/* What stands between the backslashes of a path. */
static bool is_host(const char *text)
{
	return text[0] && text[0] != '-' && !strpbrk(text, "\\/ %");
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

static bool is_placement(const char *text, char canonical[PM_VALUE_MAX])
{
	size_t first = strcspn(text, ":");
	unsigned producer, consumer;

	if (!text[first] || !read_index(text, first, 65536, &producer) ||
	    !read_index(text + first + 1, strlen(text + first + 1), 65536,
			&consumer))
		return false;
	snprintf(canonical, PM_VALUE_MAX, "%u:%u", producer, consumer);
	return true;
}

static bool is_priority(const char *text, char canonical[PM_VALUE_MAX])
{
	unsigned level;

	if (strncmp(text, "fifo:", 5) ||
	    !read_index(text + 5, strlen(text + 5), 100, &level) || !level)
		return false;
	snprintf(canonical, PM_VALUE_MAX, "fifo:%u", level);
	return true;
}

/* 1 to 4 octal digits; sddl is read by the system that has it. */
static bool is_security(const char *text, char canonical[PM_VALUE_MAX])
{
	char *end;
	unsigned long mode;

	if (!strncmp(text, "sddl:", 5))
		return text[5];
	if (strncmp(text, "mode:", 5) || text[5] < '0' || text[5] > '7')
		return false;
	mode = strtoul(text + 5, &end, 8);
	if (*end || mode > 0777)
		return false;
	snprintf(canonical, PM_VALUE_MAX, "mode:%04lo", mode);
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
		 char canonical[PM_VALUE_MAX])
{
	switch (domain) {
	case DOMAIN_TRANSPORT:
		return ipc_find_transport(text);
	case DOMAIN_ENGINE:
		return ipc_find_engine(text);
	case DOMAIN_NAME:
		return is_name(text);
	case DOMAIN_SECURITY:
		return is_security(text, canonical) && is_plain(text);
	case DOMAIN_HOST:
		return is_host(text);
	case DOMAIN_PLACEMENT:
		return is_placement(text, canonical);
	case DOMAIN_PRIORITY:
		return is_priority(text, canonical);
	case DOMAIN_ANY:
		break;
	}
	return is_plain(text);
}

enum ipc_rc pm_domain_check(enum knob_domain domain, const char *text,
			    char canonical[PM_VALUE_MAX], struct ipc_err *err)
{
	snprintf(canonical, PM_VALUE_MAX, "%s", text);
	if (is_word(domain, text) || fits(domain, text, canonical))
		return IPC_OK;
	return refuse(domain, text, err);
}
