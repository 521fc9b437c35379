#include "ipc/windows/win.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

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

/*
 * A named pipe's default lets Everyone and Anonymous read.  Wine 8 stores
 * the list but opens whatever it denies: never seen at work.
 */
enum ipc_rc ipc_win_security(SECURITY_ATTRIBUTES *attributes,
			     struct ipc_err *err)
{
	wchar_t text[320];
	wchar_t *sid = user_sid(err);

	*attributes = (SECURITY_ATTRIBUTES){ .nLength = sizeof(*attributes) };
	if (!sid)
		return err ? err->rc : IPC_OS;
	swprintf(text, sizeof(text) / sizeof(text[0]),
		 L"D:P%ls(A;;GA;;;SY)(A;;GA;;;%ls)",
		 on_network_logon() ? L"" : L"(D;;GA;;;NU)", sid);
	LocalFree(sid);
	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
		    text, SDDL_REVISION_1, &attributes->lpSecurityDescriptor,
		    NULL))
		return ipc_fail(err, "ConvertStringSecurityDescriptorTo"
				     "SecurityDescriptorW", NULL);
	return IPC_OK;
}

void ipc_win_security_free(SECURITY_ATTRIBUTES *attributes)
{
	LocalFree(attributes->lpSecurityDescriptor); /* NULL is fine */
	attributes->lpSecurityDescriptor = NULL;
}
