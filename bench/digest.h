#ifndef PM_DIGEST_H
#define PM_DIGEST_H
/* FNV-1a, 64 bits: for telling whether something changed, not against forgers. */
#include <stddef.h>
#include <stdint.h>

#define PM_DIGEST_START UINT64_C(14695981039346656037)

static inline uint64_t pm_digest(uint64_t digest, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		digest = (digest ^ p[i]) * UINT64_C(1099511628211);
	return digest;
}

#endif
