#include "ipc/linux/facts.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void trim(char *text)
{
	size_t len = strlen(text), skip = 0;

	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	while (isspace((unsigned char)text[skip]))
		skip++;
	memmove(text, text + skip, len - skip + 1);
}

bool lx_read_line(const char *path, char buf[LX_FACT_MAX])
{
	FILE *file = fopen(path, "re");
	char *got;
	int code;

	if (!file)
		return false;
	errno = 0;
	got = fgets(buf, LX_FACT_MAX, file);
	code = errno ? errno : ENODATA;
	fclose(file);
	errno = code;
	if (!got)
		return false;
	trim(buf);
	return true;
}

static bool match(char *line, const char *name, char buf[LX_FACT_MAX])
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0)
		return false;
	line += len;
	line += strspn(line, " \t");
	line += strspn(line, ":=");
	snprintf(buf, LX_FACT_MAX, "%s", line);
	trim(buf);
	return true;
}

bool lx_read_field(const char *path, const char *name, char buf[LX_FACT_MAX])
{
	FILE *file = fopen(path, "re");
	char line[LX_FACT_MAX];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = match(line, name, buf);
	fclose(file);
	errno = ENOENT;
	return found;
}

bool lx_read_number(const char *path, long long *number)
{
	char text[LX_FACT_MAX], *end;

	if (!lx_read_line(path, text))
		return false;
	*number = strtoll(text, &end, 10);
	errno = ENODATA;
	return end != text;
}

void lx_tell(const struct lx_teller *to, const char *key, const char *source,
	     const char *format, ...)
{
	char value[LX_FACT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	to->tell(to->user, key, value, NULL, source);
}

void lx_tell_why(const struct lx_teller *to, const char *key,
		 const char *source, int code)
{
	const char *why = "error";

	if (code == ENOENT || code == ENOTDIR || code == ENODEV)
		why = "absent";
	else if (code == EACCES || code == EPERM)
		why = "denied";
	else if (code == ENOTSUP || code == ENOSYS || code == EINVAL ||
		 code == ENODATA || code == EBUSY)
		why = "unsupported";
	to->tell(to->user, key, NULL, why, source);
}

void lx_tell_file(const struct lx_teller *to, const char *key,
		  const char *path)
{
	char text[LX_FACT_MAX];

	if (lx_read_line(path, text))
		lx_tell(to, key, path, "%s", text[0] ? text : "none");
	else
		lx_tell_why(to, key, path, errno);
}

void lx_tell_field(const struct lx_teller *to, const char *key,
		   const char *path, const char *name)
{
	char text[LX_FACT_MAX];

	if (lx_read_field(path, name, text))
		lx_tell(to, key, path, "%s", text);
	else
		lx_tell_why(to, key, path, errno);
}

/* A line of /proc/self/cgroup: "number:controllers:path". */
static bool names_cpu(const char *controllers)
{
	size_t len = strcspn(controllers, ":");

	return (len == 3 && !strncmp(controllers, "cpu", 3)) ||
	       (len > 4 && !strncmp(controllers, "cpu,", 4)) ||
	       (len > 4 && !strncmp(controllers + len - 4, ",cpu", 4));
}

static bool group_at(struct lx_group *group, const char *root, bool unified,
		     const char *path)
{
	if (access(root, F_OK) < 0)
		return false;
	snprintf(group->root, sizeof(group->root), "%s", root);
	snprintf(group->path, sizeof(group->path), "%.*s",
		 (int)strcspn(path, "\n"), path);
	group->unified = unified;
	return true;
}

bool lx_cpu_group(struct lx_group *group)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':'), *path;

		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		if (names_cpu(controllers + 1))
			found = group_at(group, "/sys/fs/cgroup/cpu", false,
					 path + 1);
		else if (!strncmp(line, "0::", 3) &&
			 access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0)
			found = group_at(group, "/sys/fs/cgroup", true,
					 path + 1);
	}
	if (file)
		fclose(file);
	errno = ENOENT;
	return found;
}
