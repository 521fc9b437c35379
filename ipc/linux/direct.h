#ifndef DIRECT_H
#define DIRECT_H
/*
 * read and write with no function around the system call; a failure is
 * -errno.  Kernels with mitigations against bent returns leave the processor
 * no return address that it could predict, so behind each system call every
 * return costs some 6 ns, which is more than all that an engine does for a
 * message.  libc's function is one of two.
 */
#include <errno.h>
#include <unistd.h>

/* The sanitizers see what passes through libc. */
#if defined(__x86_64__) && !defined(__ILP32__) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <sys/syscall.h>

static inline ssize_t direct_call(long number, int fd, const void *at,
				  size_t size)
{
	ssize_t result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"((long)fd), "S"(at), "d"(size)
			 : "rcx", "r11", "memory");
	return result;
}

static inline ssize_t direct_read(int fd, void *at, size_t size)
{
	return direct_call(SYS_read, fd, at, size);
}

static inline ssize_t direct_write(int fd, const void *at, size_t size)
{
	return direct_call(SYS_write, fd, at, size);
}
#else
static inline ssize_t direct_read(int fd, void *at, size_t size)
{
	ssize_t got = read(fd, at, size);

	return got < 0 ? -errno : got;
}

static inline ssize_t direct_write(int fd, const void *at, size_t size)
{
	ssize_t sent = write(fd, at, size);

	return sent < 0 ? -errno : sent;
}
#endif

#endif
