#include "ipc/windows/win.h"

#include <psapi.h>

#include "ipc/mem.h"

/* Set by ipc_lock_memory: what is allocated later is locked as well. */
static bool lock_new_pages;

size_t ipc_page_size(void)
{
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	return info.dwPageSize;
}

void *ipc_pages_alloc(size_t size, struct ipc_err *err)
{
	size_t page = ipc_page_size();
	volatile char *bytes;
	void *pages;

	if (!size)
		size = 1;
	pages = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT,
			     PAGE_READWRITE);
	if (!pages) {
		ipc_fail(err, "VirtualAlloc", NULL);
		return NULL;
	}
	if (lock_new_pages && !VirtualLock(pages, size)) {
		ipc_fail(err, "VirtualLock", NULL);
		VirtualFree(pages, 0, MEM_RELEASE);
		return NULL;
	}
	bytes = pages;
	for (size_t i = 0; i < size; i += page)
		bytes[i] = 0;
	return pages;
}

/* Giving pages back and taking them again could fail in between: they stay. */
void ipc_pages_rest(void *pages, size_t size)
{
	(void)pages;
	(void)size;
}

void ipc_pages_free(void *pages, size_t size)
{
	(void)size;
	if (pages)
		VirtualFree(pages, 0, MEM_RELEASE);
}

/*
 * Everybody has this right (documented), but a token begins with it switched
 * off, and larger limits are then refused (1314).  Wine 8 refuses nothing.
 */
static void switch_on_the_right(void)
{
	TOKEN_PRIVILEGES wanted = { .PrivilegeCount = 1 };
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES,
			      &token))
		return;
	wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
	if (LookupPrivilegeValueW(NULL, SE_INC_WORKING_SET_NAME,
				  &wanted.Privileges[0].Luid))
		AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL);
	CloseHandle(token);
}

/* Only as much may be locked as the working set is sure of. */
static enum ipc_rc grow_working_set(struct ipc_err *err)
{
	PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };
	const SIZE_T slack = 64u << 20;
	SIZE_T sure;

	if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters,
				     sizeof(counters)))
		return ipc_fail(err, "GetProcessMemoryInfo", NULL);
	switch_on_the_right(); /* what follows says if that did not do */
	sure = counters.PagefileUsage + counters.WorkingSetSize + slack;
	if (!SetProcessWorkingSetSizeEx(GetCurrentProcess(), sure, sure + slack,
					QUOTA_LIMITS_HARDWS_MIN_ENABLE |
					QUOTA_LIMITS_HARDWS_MAX_DISABLE))
		return ipc_fail(err, "SetProcessWorkingSetSizeEx", NULL);
	return IPC_OK;
}

static bool lockable(const MEMORY_BASIC_INFORMATION *region)
{
	return region->State == MEM_COMMIT &&
	       !(region->Protect & (PAGE_GUARD | PAGE_NOACCESS));
}

/*
 * Windows has no mlockall: what is there is locked region by region, what
 * comes from ipc_pages_alloc later is locked when it comes.
 */
enum ipc_rc ipc_lock_memory(struct ipc_err *err)
{
	MEMORY_BASIC_INFORMATION region;
	char *at = NULL;
	enum ipc_rc rc = grow_working_set(err);

	if (rc)
		return rc;
	while (VirtualQuery(at, &region, sizeof(region))) {
		if (lockable(&region) &&
		    !VirtualLock(region.BaseAddress, region.RegionSize) &&
		    region.Type == MEM_PRIVATE)
			return ipc_fail(err, "VirtualLock", NULL);
		at = (char *)region.BaseAddress + region.RegionSize;
	}
	lock_new_pages = true;
	return IPC_OK;
}
