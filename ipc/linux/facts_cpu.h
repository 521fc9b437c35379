#ifndef FACTS_CPU_H
#define FACTS_CPU_H
#include "ipc/linux/facts.h"

/* Model, caches, threads, frequency, mitigations, hypervisor. */
void lx_tell_cpu(const struct lx_teller *to);

#endif
