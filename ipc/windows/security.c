#include "ipc/windows/win.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who runs this, as "S-1-5-21-..."; free it with LocalFree. */
static wchar_t *user_sid(struct ipc_err *err)
{
	union {
		TOKEN_USER user;
		BYTE       room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} who;
	wchar_t *text = NULL;
	HANDLE token;
	DWORD size;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
		ipc_fail(err, "OpenProcessToken", NULL);
		return NULL;
	}
	if (!GetTokenInformation(token, TokenUser, &who, sizeof(who), &size))
		ipc_fail(err, "GetTokenInformation", NULL);
	else if (!ConvertSidToStringSidW(who.user.User.Sid, &text))
		ipc_fail(err, "ConvertSidToStringSidW", NULL);
	CloseHandle(token);
	return text;
}

/*
 * Someone who logged on over the network (OpenSSH, WinRM) carries the NETWORK
 * group; denying it would lock out our own second process.  Remote clients
 * are still kept out by PIPE_REJECT_REMOTE_CLIENTS.
 */
static bool on_network_logon(void)
{
	BYTE sid[SECURITY_MAX_SID_SIZE];
	DWORD size = sizeof(sid);
	BOOL member = FALSE;

	return CreateWellKnownSid(WinNetworkSid, NULL, sid, &size) &&
	       CheckTokenMembership(NULL, sid, &member) && member;
}

enum { SDDL_MAX = 320 };

static enum ipc_rc private_text(bool remote, wchar_t text[SDDL_MAX],
				struct ipc_err *err)
{
	wchar_t *sid = user_sid(err);

	if (!sid)
		return err ? err->rc : IPC_OS;
	swprintf(text, SDDL_MAX, L"D:P%ls(A;;GA;;;SY)(A;;GA;;;%ls)",
		 remote || on_network_logon() ? L"" : L"(D;;GA;;;NU)", sid);
	LocalFree(sid);
	return IPC_OK;
}

/*
 * A named pipe's default lets Everyone and Anonymous read.  Wine 8 stores
 * the list but opens whatever it denies: never seen at work.
 */
enum ipc_rc ipc_win_security(SECURITY_ATTRIBUTES *attributes, const char *knob,
			     bool remote, struct ipc_err *err)
{
	wchar_t text[SDDL_MAX];
	enum ipc_rc rc;

	*attributes = (SECURITY_ATTRIBUTES){ .nLength = sizeof(*attributes) };
	if (knob && strcmp(knob, "os") == 0)
		return IPC_OK;
	if (knob && strncmp(knob, "sddl:", 5) == 0)
		rc = ipc_win_wide(knob + 5, text, SDDL_MAX, err);
	else
		rc = private_text(remote, text, err);
	if (!rc && !ConvertStringSecurityDescriptorToSecurityDescriptorW(
			   text, SDDL_REVISION_1,
			   &attributes->lpSecurityDescriptor, NULL))
		rc = ipc_fail(err, "ConvertStringSecurityDescriptorTo"
				   "SecurityDescriptorW", knob);
	return rc;
}

void ipc_win_security_free(SECURITY_ATTRIBUTES *attributes)
{
	LocalFree(attributes->lpSecurityDescriptor); /* NULL is fine */
	attributes->lpSecurityDescriptor = NULL;
}

static const char *level_name(SECURITY_IMPERSONATION_LEVEL level)
{
	static const char *const names[] = { "anonymous", "identification",
					     "impersonation", "delegation" };

	return (unsigned)level < 4 ? names[level] : "unknown";
}

/* What the thread's token allows while it acts as somebody else. */
static enum ipc_rc level_of_thread(char *text, size_t size, struct ipc_err *err)
{
	SECURITY_IMPERSONATION_LEVEL level;
	enum ipc_rc rc = IPC_OK;
	HANDLE token;
	DWORD got;

	if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) {
		if (GetLastError() != ERROR_CANT_OPEN_ANONYMOUS)
			return ipc_fail(err, "OpenThreadToken", NULL);
		snprintf(text, size, "client impersonated: anonymous");
		return IPC_OK;
	}
	if (GetTokenInformation(token, TokenImpersonationLevel, &level,
				sizeof(level), &got))
		snprintf(text, size, "client impersonated: %s",
			 level_name(level));
	else
		rc = ipc_fail(err, "GetTokenInformation", NULL);
	CloseHandle(token);
	return rc;
}

/* 1368 before the first message; a failed return to oneself is fatal. */
enum ipc_rc ipc_link_peer(const struct ipc_link *link, char *text, size_t size,
			  struct ipc_err *err)
{
	enum ipc_rc rc;

	if (link->rd == IPC_NO_HANDLE)
		return ipc_refuse(err, IPC_UNSUPPORTED, "impersonate",
				  "a server that only writes hears nobody");
	if (!ImpersonateNamedPipeClient(ipc_win_handle(link->rd)))
		return ipc_fail(err, "ImpersonateNamedPipeClient", link->name);
	rc = level_of_thread(text, size, err);
	if (!RevertToSelf())
		abort();
	return rc;
}
