#ifndef REPLAY_H
#define REPLAY_H
/* A fuzz target's corpus without a fuzzer: a crash ends the test program. */
#include <stddef.h>

typedef int replay_fn(const unsigned char *data, size_t size);

/* Each file of the folder is a test: whole, and cut in up to 100 places. */
void replay_corpus(const char *folder, replay_fn *one);

#endif
