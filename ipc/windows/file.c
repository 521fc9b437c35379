/* Files by their UTF-8 names, and programs beside this one. */
#include "ipc/windows/win.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/proc.h"
#include "ipc/sys.h"

/* The handle goes to the file; it is closed if that fails. */
static FILE *to_file(HANDLE handle, const char *mode, const char *path,
		     struct ipc_err *err)
{
	int append = mode[0] == 'a' ? _O_APPEND : 0;
	FILE *file = NULL;
	int fd;

	if (handle == INVALID_HANDLE_VALUE) {
		ipc_fail(err, "CreateFileW", path);
		return NULL;
	}
	fd = _open_osfhandle((intptr_t)handle, _O_BINARY | append);
	if (fd >= 0)
		file = _fdopen(fd, mode);
	if (file)
		return file;
	ipc_refuse(err, IPC_NOMEM, "_fdopen", path);
	if (fd >= 0)
		_close(fd);
	else
		CloseHandle(handle);
	return NULL;
}

/* A second writer would cut off and overwrite what the first one adds. */
enum {
	SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	SHARE_READ = FILE_SHARE_READ | FILE_SHARE_DELETE
};

FILE *ipc_file_create(const char *path, struct ipc_err *err)
{
	wchar_t wide[IPC_WIN_PATH_MAX];

	if (ipc_win_wide(path, wide, IPC_WIN_PATH_MAX, err))
		return NULL;
	return to_file(CreateFileW(wide, GENERIC_WRITE, SHARE_READ, NULL,
				   CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL),
		       "wb", path, err);
}

/* fopen's modes, with the system's own word for a failure. */
FILE *ipc_file_open(const char *path, const char *mode, struct ipc_err *err)
{
	wchar_t wide[IPC_WIN_PATH_MAX];
	bool plus = strchr(mode, '+') != NULL;
	DWORD access = mode[0] == 'r' ? GENERIC_READ : GENERIC_WRITE;
	DWORD how = mode[0] == 'r'   ? OPEN_EXISTING
		    : mode[0] == 'w' ? CREATE_ALWAYS
				     : OPEN_ALWAYS;
	char binary[8];
	DWORD share;

	if (ipc_win_wide(path, wide, IPC_WIN_PATH_MAX, err))
		return NULL;
	if (plus)
		access = GENERIC_READ | GENERIC_WRITE;
	snprintf(binary, sizeof(binary), "%c%sb", mode[0], plus ? "+" : "");
	share = access == GENERIC_READ ? SHARE_ALL : SHARE_READ;
	return to_file(CreateFileW(wide, access, share, NULL, how,
				   FILE_ATTRIBUTE_NORMAL, NULL),
		       binary, path, err);
}

enum ipc_rc ipc_file_truncate(FILE *file, uint64_t size, struct ipc_err *err)
{
	LARGE_INTEGER end = { .QuadPart = (LONGLONG)size };
	HANDLE handle;

	if (fflush(file))
		return ipc_refuse(err, IPC_OS, "fflush", NULL);
	handle = (HANDLE)_get_osfhandle(_fileno(file));
	if (!SetFilePointerEx(handle, end, NULL, FILE_BEGIN) ||
	    !SetEndOfFile(handle))
		return ipc_fail(err, "SetEndOfFile", NULL);
	return IPC_OK;
}

enum ipc_rc ipc_program_folder(char *buf, size_t size, struct ipc_err *err)
{
	wchar_t path[IPC_WIN_PATH_MAX];
	DWORD len = GetModuleFileNameW(NULL, path, IPC_WIN_PATH_MAX);
	wchar_t *slash;

	if (!len || len == IPC_WIN_PATH_MAX)
		return ipc_fail(err, "GetModuleFileNameW", NULL);
	slash = wcsrchr(path, L'\\');
	if (slash)
		*slash = L'\0';
	ipc_win_narrow(path, buf, size);
	return IPC_OK;
}

static bool is_file(const char *path)
{
	wchar_t wide[IPC_WIN_PATH_MAX];

	return !ipc_win_wide(path, wide, IPC_WIN_PATH_MAX, NULL) &&
	       !(GetFileAttributesW(wide) & FILE_ATTRIBUTE_DIRECTORY);
}

/* Run it with our standard handles; its exit status is ours. */
static enum ipc_rc run(const char *path, const char *const *prefix,
		       char **argv, int *status, struct ipc_err *err)
{
	struct ipc_spawn how = {
		.path = path,
		.argv = (const char *const *)argv,
		.std_in = ipc_std_handle(0),
		.std_out = ipc_std_handle(1),
		.std_err = ipc_std_handle(2),
		.prefix = prefix,
	};
	struct ipc_proc proc;
	struct ipc_exit end = { .code = 0 };
	enum ipc_rc rc;

	fflush(NULL);
	ipc_interrupt_ignore(); /* Ctrl-C is the child's business */
	rc = ipc_spawn(&how, &proc, err);
	if (!rc)
		rc = ipc_proc_wait(&proc, UINT64_MAX, &end, err);
	if (!rc)
		*status = end.code;
	return rc;
}

/*
 * No exec here: the program is run and its status taken.  Python programs
 * need Python's launcher, or itself; each is tried in turn.
 */
enum ipc_rc ipc_become(const char *folder, const char *name, char **argv,
		       int *status, struct ipc_err *err)
{
	static const char *const py[] = { "py", "-3", NULL };
	static const char *const python3[] = { "python3", NULL };
	static const char *const python[] = { "python", NULL };
	static const char *const *const pythons[] = { py, python3, python };
	static const char *const suffixes[] = { ".exe", ".py", "" };
	char path[IPC_WIN_PATH_MAX];
	enum ipc_rc rc = IPC_NOT_FOUND;
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s\\pipemark-%s%s", folder, name,
			 suffixes[i]);
		if (is_file(path))
			break;
	}
	if (i == 3)
		return ipc_refuse(err, IPC_NOT_FOUND, name, "no such command");
	if (i == 0)
		return run(path, NULL, argv, status, err);
	for (i = 0; i < 3 && rc == IPC_NOT_FOUND; i++)
		rc = run(path, pythons[i], argv, status, err);
	if (rc == IPC_NOT_FOUND)
		rc = ipc_refusef(err, IPC_UNSUPPORTED, "CreateProcessW",
				 "%.160s needs Python 3, which is not here",
				 path);
	return rc;
}

void ipc_file_remove(const char *path)
{
	wchar_t wide[IPC_WIN_PATH_MAX];

	if (!ipc_win_wide(path, wide, IPC_WIN_PATH_MAX, NULL))
		DeleteFileW(wide);
}
