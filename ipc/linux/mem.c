#include "ipc/mem.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

size_t ipc_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t size)
{
	size_t page = ipc_page_size();

	return size ? (size + page - 1) / page * page : page;
}

void *ipc_pages_alloc(size_t size, struct ipc_err *err)
{
	void *pages = MAP_FAILED;

	if (size <= SIZE_MAX / 2)
		pages = mmap(NULL, whole_pages(size), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else
		errno = ENOMEM;
	if (pages == MAP_FAILED) {
		ipc_fail(err, "mmap", "buffers");
		return NULL;
	}
	memset(pages, 0, whole_pages(size)); /* a write: no shared zero page */
	return pages;
}

void ipc_pages_rest(void *pages, size_t size)
{
	/* refused where memory is locked: then it stays */
	madvise(pages, whole_pages(size), MADV_DONTNEED);
}

void ipc_pages_free(void *pages, size_t size)
{
	if (pages)
		munmap(pages, whole_pages(size));
}

enum ipc_rc ipc_lock_memory(struct ipc_err *err)
{
	enum ipc_rc rc;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
		return IPC_OK;
	rc = ipc_fail(err, "mlockall", "raise the limit with ulimit -l");
	if (rc == IPC_NOMEM && err) /* over the limit, not out of memory */
		err->rc = IPC_DENIED;
	return rc == IPC_NOMEM ? IPC_DENIED : rc;
}
