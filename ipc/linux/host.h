#ifndef HOST_H
#define HOST_H
/* What the tables of ipc/registry.c need to know of this host. */
#define IPC_HOST_NAME     "linux"
#define IPC_IF_BOTH(x)    (x)
#define IPC_IF_LINUX(x)   (x)
#define IPC_IF_WINDOWS(x) NULL

#endif
