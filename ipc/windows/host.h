#ifndef IPC_HOST_H
#define IPC_HOST_H
/* Which rows of list.def exist here; ipc/linux has its own. */
#define IPC_HOST_NAME     "windows"
#define IPC_IF_BOTH(x)    (x)
#define IPC_IF_LINUX(x)   NULL
#define IPC_IF_WINDOWS(x) (x)

#endif
