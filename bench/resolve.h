#ifndef PM_RESOLVE_H
#define PM_RESOLVE_H
/* A finished cell to what this machine makes of it, or to why it cannot. */
#include "bench/config.h"
#include "ipc/registry.h"

/*
 * IPC_UNSUPPORTED or IPC_INVALID with the reason, and what would work, in
 * err->what.  Looks at everything that several layers have a say in: the
 * pairing of transport and engines, knobs that nobody here obeys, placement,
 * combinations that measure nothing.
 */
enum ipc_rc pm_resolve(const struct pm_cell *cell, struct ipc_pairing *out,
		       struct ipc_err *err);

/* Is word one of the space separated ones of list?  list may be NULL. */
bool pm_word_in(const char *list, const char *word);

#endif
