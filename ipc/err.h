#ifndef IPC_ERR_H
#define IPC_ERR_H
/*
 * A failure is a value: what class it is of, what the system said, which
 * operation said it and about what.  Nothing is translated that can be kept.
 */
#include <stddef.h>
#include <stdint.h>

enum { IPC_NAME_MAX = 256 };

/* Every fallible call returns IPC_OK or one of these; all failures are < 0. */
enum ipc_rc {
	IPC_OK          =  0,
	IPC_EOF         = -1, /* peer closed between messages */
	IPC_TIMEOUT     = -2,
	IPC_INVALID     = -3, /* caller or user asked for nonsense */
	IPC_UNSUPPORTED = -4, /* sensible, but not on this OS, build or pairing */
	IPC_BUSY        = -5, /* name taken, or no free pipe instance */
	IPC_NOT_FOUND   = -6,
	IPC_DENIED      = -7,
	IPC_GONE        = -8, /* peer vanished in the middle of a transfer */
	IPC_NOMEM       = -9,
	IPC_OS          = -10, /* anything else: read os_code */
	IPC_CORRUPT     = -11  /* the bytes are not what the sender sent */
};

/*
 * The story behind a failure.  Plain data: copy it, never free it.
 * os_code is errno on Linux and GetLastError() on Windows, untranslated;
 * 0 means the operating system was not involved.
 */
struct ipc_err {
	enum ipc_rc rc;
	uint32_t    os_code;
	const char *op;                 /* static string: "CreateNamedPipeW" */
	char        what[IPC_NAME_MAX]; /* pipe, file or reason; may be "" */
};

/* What was being done: the same code means different things to each. */
enum ipc_way { IPC_WAY_OTHER, IPC_WAY_READ, IPC_WAY_WRITE };

/*
 * Record the calling thread's current OS error and return its class.
 * Call it straight after the failing call, before anything can disturb errno.
 * op must be a string literal; what is copied and may be NULL; err may be
 * NULL.  Never returns IPC_OK.
 */
enum ipc_rc ipc_fail(struct ipc_err *err, const char *op, const char *what);

/* The same for a transfer, and for a code that is already in hand. */
enum ipc_rc ipc_fail_io(struct ipc_err *err, enum ipc_way way, uint32_t os_code,
			const char *op, const char *what);

/* Record a failure the OS knows nothing about; os_code becomes 0. */
enum ipc_rc ipc_refuse(struct ipc_err *err, enum ipc_rc rc, const char *op,
		       const char *what);

/* The same with a printf-like reason, cut to fit err->what. */
enum ipc_rc ipc_refusef(struct ipc_err *err, enum ipc_rc rc, const char *op,
			const char *format, ...)
	__attribute__((format(__printf__, 4, 5)));

/*
 * "CreateNamedPipeW on \\.\pipe\pm-42-0: ERROR_PIPE_BUSY (win32 231)"
 * Always terminates buf; returns buf.  Never localised, so results compare.
 */
const char *ipc_err_text(const struct ipc_err *err, char *buf, size_t size);

/* "invalid", "unsupported", "gone", ...: the word for a class in results. */
const char *ipc_rc_name(enum ipc_rc rc);

/* The system's part, in ipc/<os>/err.c. */
enum ipc_rc ipc_os_class(enum ipc_way way, uint32_t os_code);
const char *ipc_os_name(uint32_t os_code); /* "EPIPE"; NULL if unknown */
const char *ipc_os_space(void);            /* "errno" or "win32" */
uint32_t ipc_os_last(void);                /* errno or GetLastError() */

#endif
