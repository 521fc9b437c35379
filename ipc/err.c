#include "ipc/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a UTF-8 character that the cut went through are left out. */
static size_t whole_characters(const char *text, size_t len)
{
	size_t cut = len;

	while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

static void record(struct ipc_err *err, enum ipc_rc rc, uint32_t os_code,
		   const char *op, const char *what)
{
	size_t len;

	if (!err)
		return;
	err->rc = rc;
	err->os_code = os_code;
	err->op = op;
	len = what ? strlen(what) : 0;
	if (len >= sizeof(err->what))
		len = whole_characters(what, sizeof(err->what) - 1);
	if (len)
		memmove(err->what, what, len); /* what may be err->what */
	err->what[len] = '\0';
}

enum ipc_rc ipc_fail_io(struct ipc_err *err, enum ipc_way way, uint32_t os_code,
			const char *op, const char *what)
{
	enum ipc_rc rc = ipc_os_class(way, os_code);

	record(err, rc, os_code, op, what);
	return rc;
}

enum ipc_rc ipc_fail(struct ipc_err *err, const char *op, const char *what)
{
	return ipc_fail_io(err, IPC_WAY_OTHER, ipc_os_last(), op, what);
}

enum ipc_rc ipc_refuse(struct ipc_err *err, enum ipc_rc rc, const char *op,
		       const char *what)
{
	record(err, rc, 0, op, what);
	return rc;
}

enum ipc_rc ipc_refusef(struct ipc_err *err, enum ipc_rc rc, const char *op,
			const char *format, ...)
{
	char what[2 * IPC_NAME_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return ipc_refuse(err, rc, op, what);
}

static void text_of_system(const struct ipc_err *err, char *buf, size_t size)
{
	const char *name = ipc_os_name(err->os_code);

	snprintf(buf, size, "%s%s%s: %s (%s %u)", err->op ? err->op : "?",
		 err->what[0] ? " on " : "", err->what, name ? name : "unknown",
		 ipc_os_space(), (unsigned)err->os_code);
}

const char *ipc_err_text(const struct ipc_err *err, char *buf, size_t size)
{
	const char *reason = err->what[0] ? err->what : ipc_rc_name(err->rc);

	if (err->os_code)
		text_of_system(err, buf, size);
	else if (err->op && err->op[0])
		snprintf(buf, size, "%s: %s", err->op, reason);
	else
		snprintf(buf, size, "%s", reason);
	return buf;
}

const char *ipc_rc_name(enum ipc_rc rc)
{
	switch (rc) {
	case IPC_OK:
		return "ok";
	case IPC_EOF:
		return "eof";
	case IPC_TIMEOUT:
		return "timeout";
	case IPC_INVALID:
		return "invalid";
	case IPC_UNSUPPORTED:
		return "unsupported";
	case IPC_BUSY:
		return "busy";
	case IPC_NOT_FOUND:
		return "not-found";
	case IPC_DENIED:
		return "denied";
	case IPC_GONE:
		return "gone";
	case IPC_NOMEM:
		return "no-memory";
	case IPC_OS:
		return "system";
	case IPC_CORRUPT:
		return "corrupt";
	}
	return "unknown";
}
