#ifndef IPC_MEM_H
#define IPC_MEM_H
/* Whole pages, for buffers that a kernel reads and writes. */
#include <stddef.h>

#include "ipc/err.h"

size_t ipc_page_size(void); /* bytes */

/*
 * Page-aligned memory of at least size bytes, zeroed and touched, so that no
 * page fault falls into a measurement.  NULL on failure.  Free it with the
 * same size.
 */
void *ipc_pages_alloc(size_t size, struct ipc_err *err);
/*
 * Memory that holds zeroes need not occupy any until it is written to again.
 * For what there is many of and little of each is used.
 */
void  ipc_pages_rest(void *pages, size_t size);
void  ipc_pages_free(void *pages, size_t size); /* NULL is fine */

/* Keep all of this process in memory; IPC_DENIED without the right to. */
enum ipc_rc ipc_lock_memory(struct ipc_err *err);

#endif
