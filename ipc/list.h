#ifndef IPC_LIST_H
#define IPC_LIST_H
/* Declares every row of list.def; only this host's have a definition. */
#include "ipc/ipc.h"

#define TRANSPORT(os, id, name) \
	extern const struct ipc_transport ipc_transport_##id;
#define ENGINE(os, id, name) extern const struct ipc_engine ipc_engine_##id;
#include "ipc/list.def"
#undef TRANSPORT
#undef ENGINE

#endif
