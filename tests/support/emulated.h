#ifndef EMULATED_H
#define EMULATED_H
/*
 * What stands in front of a program that this one starts: the words of
 * PM_TEST_PREFIX ("qemu-arm -L /usr/arm-linux-gnueabihf"), or NULL.
 */
const char *const *test_prefix(void);

#endif
