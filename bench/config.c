#include "bench/config.h"

#include <stdio.h>
#include <string.h>

#include "bench/knob.h"
#include "ipc/registry.h"

/* Hello and FIN are this long; a send buffer holds them too. */
enum { BUFFER_LEAST = 32 };
/* Sequence number and stamp: what a timed message begins with. */
enum { STAMPED_LEAST = 16 };

enum workload { PINGPONG, STREAM };

static void defaults(struct pm_config *config)
{
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];

		/* A default that does not parse fails the table's own test;
		 * a row follows earlier rows only, this is tested too. */
		if (pm_knob_followed(k))
			pm_knob_follow(k, config);
		else
			pm_knob_parse(k, k->def, config, NULL);
	}
}

void pm_cell_init(struct pm_cell *cell)
{
	memset(cell, 0, sizeof(*cell));
	defaults(&cell->config);
	for (size_t i = 0; i < PM_KNOB_MAX; i++)
		cell->origin[i] = "";
}

enum ipc_rc pm_cell_set(struct pm_cell *cell, const char *name,
			const char *value, const char *origin,
			struct ipc_err *err)
{
	const struct knob *knob = pm_knob_find(name);
	enum ipc_rc rc;

	if (!knob)
		return pm_knob_unknown(name, err);
	rc = pm_knob_parse(knob, value, &cell->config, err);
	if (!rc)
		cell->origin[pm_knob_index(knob)] = origin;
	return rc;
}

struct id {
	char  *text;
	size_t used;
};

static void append(struct id *id, char c)
{
	if (id->used < PM_ID_MAX)
		id->text[id->used++] = c;
}

/* A knob and its value; what would end or hide it is written %XX. */
static void append_value(struct id *id, const char *name, const char *value)
{
	static const char hex[] = "0123456789ABCDEF";

	if (id->used)
		append(id, ' ');
	while (*name)
		append(id, *name++);
	append(id, '=');
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c > ' ' && c != '%' && c != 127) {
			append(id, *value);
			continue;
		}
		append(id, '%');
		append(id, hex[c >> 4]);
		append(id, hex[c & 15]);
	}
}

/* The rows whose values differ from their defaults, sorted by name. */
static size_t changed(const struct pm_config *config,
		      const struct knob *list[PM_KNOB_MAX])
{
	struct pm_config fresh;
	size_t count = 0;

	defaults(&fresh);
	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];
		size_t at = count;

		if (pm_knob_followed(k) ? pm_knob_follows(k, config)
					: pm_knob_equal(k, config, &fresh))
			continue;
		for (; at && strcmp(list[at - 1]->name, k->name) > 0; at--)
			list[at] = list[at - 1];
		list[at] = k;
		count++;
	}
	return count;
}

static enum ipc_rc make_id(struct pm_cell *cell, struct ipc_err *err)
{
	const struct knob *list[PM_KNOB_MAX];
	size_t count = changed(&cell->config, list);
	struct id id = { .text = cell->id };
	char value[PM_VALUE_MAX];

	for (size_t i = 0; i < count; i++)
		append_value(&id, list[i]->name,
			     pm_knob_print(list[i], &cell->config, value));
	if (id.used == PM_ID_MAX) {
		cell->id[PM_ID_MAX - 1] = '\0';
		return ipc_refuse(err, IPC_INVALID, "id",
				  "the values are too long for an id");
	}
	cell->id[id.used] = '\0';
	return IPC_OK;
}

static bool same_cpu(const char *placement)
{
	size_t first = strcspn(placement, ":");

	/* "3:3": what parsed has one way to write a number */
	return !strcmp(placement, "same") ||
	       (placement[first] && strlen(placement) == 2 * first + 1 &&
		!strncmp(placement, placement + first + 1, first));
}

static size_t smallest(const struct pm_config *c)
{
	uint64_t least = c->message_min;

	if (c->workload == PINGPONG && c->reply < least)
		least = c->reply;
	return (size_t)least;
}

static size_t largest(const struct pm_config *c)
{
	return (size_t)(c->workload == PINGPONG && c->reply > c->message
			? c->reply : c->message);
}

static enum ipc_rc check_message(const struct pm_config *c,
				 struct ipc_err *err)
{
	if (c->message_min > c->message)
		return ipc_refuse(err, IPC_INVALID, "message-min",
				  "is above message: lengths are drawn from "
				  "message-min to message");
	if (c->workload == STREAM && c->reply != c->message)
		return ipc_refuse(err, IPC_INVALID, "reply",
				  "a stream has no reply: leave reply out, or "
				  "workload=pingpong");
	if (c->workload == STREAM && c->stamp < IPC_WORD(1) &&
	    c->message_min < STAMPED_LEAST)
		return ipc_refuse(err, IPC_INVALID, "stamp",
				  "a message below 16 bytes has no room for a "
				  "stamp: stamp=auto or none, or longer messages");
	if (c->io.slots < IPC_SLOTS_AUTO &&
	    largest(c) && c->io.slots > SIZE_MAX / 8 / largest(c))
		return ipc_refuse(err, IPC_INVALID, "slots",
				  "slots x message is more than this machine "
				  "can address: fewer slots, or shorter messages");
	return IPC_OK;
}

static enum ipc_rc check_polling(const struct pm_config *c, struct ipc_err *err)
{
	bool polls = !strcmp(c->io.producer_io, "nowait") ||
		     !strcmp(c->io.consumer_io, "nowait");

	if (polls && c->io.poll == IPC_POLL_SPIN && same_cpu(c->placement))
		return ipc_refuse(err, IPC_INVALID, "poll",
				  "io=nowait that spins on the other's CPU waits "
				  "for whole time slices: poll=yield, or "
				  "placement=different");
	return IPC_OK;
}

enum ipc_rc pm_cell_finish(struct pm_cell *cell, struct ipc_err *err)
{
	struct pm_config *c = &cell->config;
	struct ipc_err why = { .rc = IPC_OK };

	for (size_t i = 0; i < pm_knob_count; i++)
		if (pm_knob_followed(&pm_knobs[i]) && !cell->origin[i][0])
			pm_knob_follow(&pm_knobs[i], c);
	c->io.size = (size_t)(c->reply > c->message ? c->reply : c->message);
	if (c->io.size < BUFFER_LEAST)
		c->io.size = BUFFER_LEAST;
	enum ipc_rc rc = make_id(cell, &why);
	if (!rc)
		rc = check_message(c, &why);
	if (!rc)
		rc = check_polling(c, &why);
	cell->refused = why;
	if (rc && err)
		*err = why;
	return rc;
}

static bool was_said(const struct pm_cell *cell, const char *name)
{
	return cell->origin[pm_knob_index(pm_knob_find(name))][0];
}

/*
 * A transport's name wins over what kind and mode are by default, and
 * contradicts what somebody said they are; only here it is known who did.
 */
static enum ipc_rc check_said(const struct pm_cell *cell,
			      const struct ipc_pairing *p, struct ipc_err *err)
{
	const struct ipc_opts *io = &cell->config.io;

	if (!p->transport || !strcmp(io->transport, "auto"))
		return IPC_OK;
	if (io->kind == IPC_KIND_ANONYMOUS && !p->transport->pair &&
	    was_said(cell, "kind"))
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s goes by name, and kind is anonymous",
				   p->transport->name);
	if (io->mode == IPC_MODE_BYTE && p->message && was_said(cell, "mode"))
		return ipc_refusef(err, IPC_INVALID, "transport",
				   "%s keeps messages apart, and mode is byte",
				   p->transport->name);
	return IPC_OK;
}

enum ipc_rc pm_cell_resolve(const struct pm_cell *cell,
			    struct ipc_pairing *out, struct ipc_err *err)
{
	const struct pm_config *c = &cell->config;
	enum ipc_rc rc;

	if (cell->refused.rc) {
		if (err)
			*err = cell->refused;
		return cell->refused.rc;
	}
	rc = ipc_resolve(&c->io, c->workload == PINGPONG, smallest(c),
			 largest(c), out, err);
	return rc ? rc : check_said(cell, out, err);
}

enum ipc_rc pm_cell_from_args(struct pm_cell *cell, int *argc, char **argv,
			      struct ipc_err *err)
{
	int kept = 0;
	enum ipc_rc rc;

	for (int i = 0; i < *argc; i++) {
		const struct knob *knob = NULL;
		const char *value = NULL;

		if (i && !strcmp(argv[i], "--")) {
			while (++i < *argc)
				argv[kept++] = argv[i];
			break;
		}
		if (i)
			knob = pm_knob_option(*argc, argv, &i, &value);
		if (!knob) {
			argv[kept++] = argv[i];
			continue;
		}
		if (!value)
			return ipc_refusef(err, IPC_INVALID, knob->name,
					   "needs a value: --%s VALUE",
					   knob->name);
		rc = pm_cell_set(cell, knob->name, value, "command line", err);
		if (rc)
			return rc;
	}
	*argc = kept;
	return IPC_OK;
}

int pm_config_to_args(const struct pm_config *config, const char **argv,
		      size_t argv_room, size_t *argc, char *arena,
		      size_t arena_room)
{
	char value[PM_VALUE_MAX];

	for (size_t i = 0; i < pm_knob_count; i++) {
		const struct knob *k = &pm_knobs[i];
		size_t name_size = strlen(k->name) + sizeof("--");
		size_t size = name_size +
			      strlen(pm_knob_print(k, config, value)) + 1;

		if (argv_room - *argc < 2 || arena_room < size)
			return -1;
		snprintf(arena, name_size, "--%s", k->name);
		snprintf(arena + name_size, size - name_size, "%s", value);
		argv[(*argc)++] = arena;
		argv[(*argc)++] = arena + name_size;
		arena += size;
		arena_room -= size;
	}
	return 0;
}

/* FNV-1a, 64 bits, over the values as they are printed. */
uint64_t pm_config_digest(const struct pm_config *config)
{
	uint64_t digest = 0xcbf29ce484222325u;
	char value[PM_VALUE_MAX];

	for (size_t i = 0; i < pm_knob_count; i++) {
		const char *p = pm_knob_print(&pm_knobs[i], config, value);

		do {
			digest ^= (unsigned char)*p;
			digest *= 0x100000001b3u;
		} while (*p++);
	}
	return digest;
}
