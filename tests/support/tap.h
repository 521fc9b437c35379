#ifndef TAP_H
#define TAP_H
/*
 * Tests print TAP and run under prove.  A test function returns true or fails
 * through CHECK, which prints both the condition and where it is.
 *
 *     static bool sizes_parse(void) { CHECK(x == 1); return true; }
 *     int main(void) { TEST(sizes_parse); return tap_done(); }
 *
 * tap_start sets a deadline for the whole program (the default is 60 s): a
 * test that hangs ends itself with "Bail out!".
 */
#include <stdbool.h>
#include <stdio.h>

void tap_start(unsigned deadline_s);
void tap_result(const char *name, bool ok);
void tap_skip(const char *name, const char *why);
void tap_note(const char *format, ...) __attribute__((format(__printf__, 1, 2)));
int  tap_done(void); /* prints the plan; exit status of main */

#define TEST(fn) tap_result(#fn, fn())
#define CHECK(cond)                                                        \
	do {                                                               \
		if (!(cond)) {                                             \
			tap_note("%s:%d: %s", __FILE__, __LINE__, #cond); \
			return false;                                      \
		}                                                          \
	} while (0)
/* With the two values, for integers. */
#define CHECK_EQ(a, b)                                                     \
	do {                                                               \
		long long a_ = (long long)(a), b_ = (long long)(b);        \
		if (a_ != b_) {                                            \
			tap_note("%s:%d: %s is %lld, %s is %lld",          \
				 __FILE__, __LINE__, #a, a_, #b, b_);      \
			return false;                                      \
		}                                                          \
	} while (0)

#endif
