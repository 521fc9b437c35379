#include "bench/config.h"

#include <stdio.h>
#include <string.h>

#include "bench/knob.h"

/* Hello and FIN are this long; a send buffer holds them too. */
enum { BUFFER_LEAST = 32 };

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

static enum ipc_rc check_message(const struct pm_config *c,
				 struct ipc_err *err)
{
	if (c->message_min > c->message)
		return ipc_refuse(err, IPC_INVALID, "message-min",
				  "lengths are drawn from message-min to message: "
				  "message-min has to be the smaller one");
	if (c->workload != PM_WORKLOAD_PINGPONG && c->reply != c->message)
		return ipc_refuse(err, IPC_INVALID, "reply",
				  c->workload == PM_WORKLOAD_STREAM
				  ? "a stream has no reply: leave reply out, or "
				    "workload=pingpong"
				  : "only a pingpong has a reply: leave reply "
				    "out, or workload=pingpong");
	if (c->workload == PM_WORKLOAD_PACED && !c->rate)
		return ipc_refuse(err, IPC_INVALID, "rate",
				  "paced needs a rate: --rate 20K");
	if (c->drain < PM_DRAIN_END && c->workload != PM_WORKLOAD_STREAM)
		return ipc_refuse(err, IPC_INVALID, "drain",
				  "after every N messages is for a stream: "
				  "workload=stream, or drain=end");
	if (c->io.slots < IPC_SLOTS_AUTO &&
	    c->io.slots > SIZE_MAX / 8 / c->io.size)
		return ipc_refuse(err, IPC_INVALID, "slots",
				  "slots x message is more than this machine "
				  "can address: fewer slots, or shorter messages");
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
	c->io.empties = !c->message_min ||
			(c->workload == PM_WORKLOAD_PINGPONG && !c->reply);
	c->io.idles = c->workload == PM_WORKLOAD_PACED;
	enum ipc_rc rc = make_id(cell, &why);
	if (!rc)
		rc = check_message(c, &why);
	cell->refused = why;
	if (rc && err)
		*err = why;
	return rc;
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
