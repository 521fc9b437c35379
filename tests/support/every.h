#ifndef EVERY_H
#define EVERY_H
/* Walk what this host has; one TAP line for each combination that resolves. */
#include "tests/support/peer.h"

/* A test of one combination; of is its own to change. */
typedef bool every_fn(struct peer_case of);

/*
 * Transports that give caps, in each mode, with every pair of engines; wants
 * filters modes: 0 both, 'b' or 'm' one of them.  A combination that is
 * refused has no line here: pairs_test checks refusals.
 */
void every_pair(const char *what, unsigned caps, char wants,
		struct peer_case of, every_fn *test);
/* The same with receivers that take several links only. */
void every_many(const char *what, char wants, struct peer_case of,
		every_fn *test);

#endif
