#ifndef IPC_WINDOWS_ARGS_H
#define IPC_WINDOWS_ARGS_H
/* A list of arguments and the one string that Windows makes of it; UTF-8. */
#include <stdbool.h>
#include <stddef.h>

/*
 * The lists, each ended by NULL or NULL itself, one after the other, quoted.
 * The caller frees it; NULL without memory.
 */
char *ipc_win_join_args(const char *const *const lists[], size_t count);

/*
 * The opposite.  text is overwritten and stays in use; the caller frees the
 * list, which ends in NULL.  NULL without memory.
 */
char **ipc_win_split_args(char *text, int *argc);

#endif
