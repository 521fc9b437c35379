#ifndef PM_MSG_H
#define PM_MSG_H
/*
 * What a message says about itself.
 *
 *   paced:             sequence (u64), stamp (u64 ticks), planned (u64 ticks),
 *                      payload; never below 24 bytes
 *   16 bytes and more: sequence (u64), stamp (u64 ticks, 0: none), payload
 *   8 to 15:           sequence
 *   1 to 7:            sequence modulo 256^length - 1
 *   0:                 nothing
 *
 * A phase (warm-up, measuring) ends with a closing message of the same
 * length, so that the end is seen in the stream itself, on every link:
 * bit 63 of the sequence is set and the rest is the count of the messages
 * before it; below 8 bytes all bits are ones, which no sequence is, and the
 * count goes over the control channel alone; where messages are empty the
 * closing one is a single byte.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * A read that took several messages has them one behind the other: one starts
 * at any byte, and not every machine reads eight of them from there at once.
 */
#define PM_ANYWHERE __attribute__((packed))

struct PM_ANYWHERE pm_msg {
	uint64_t seq;
	uint64_t stamp_ticks;
};

/* With what both latencies of an open loop need: no side array to keep. */
struct PM_ANYWHERE pm_paced_msg {
	uint64_t seq;
	uint64_t stamp_ticks;   /* just before it was handed over */
	uint64_t planned_ticks; /* when the plan, made beforehand, wanted it */
};

#define PM_CLOSING (UINT64_C(1) << 63)

/* The first message of a link: who speaks, about which cell. */
enum { PM_PROTOCOL = 1, PM_HELLO_SIZE = 32 };
#define PM_MAGIC UINT64_C(0x314b52414d455049) /* "IPEMARK1" */

struct pm_hello {
	uint64_t magic, protocol, token, digest;
};

/* Below 8 bytes: the value that is no sequence. */
static inline uint64_t pm_small_mask(size_t length)
{
	return (UINT64_C(1) << 8 * length) - 1;
}

/* Lengths that both ends draw alike: splitmix64. */
static inline uint64_t pm_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/*
 * Write sequence, stamp 0 and the pattern into all of a message, and check
 * them.  The pattern of every message is its own.
 */
void pm_msg_fill(void *data, size_t length, uint64_t seq);
/* The same with the pattern from byte header on: 24 in a paced message. */
void pm_msg_fill_behind(void *data, size_t length, uint64_t seq, size_t header);
/* The closing message of a phase after count messages. */
void pm_msg_close(void *data, size_t length, uint64_t count);
/* True if data is a closing message; *count is UINT64_MAX where it has none. */
bool pm_msg_is_closing(const void *data, size_t length, uint64_t *count);
/* The sequence it carries; expected stands in for what it is too short for. */
uint64_t pm_msg_seq(const void *data, size_t length, uint64_t expected);
/* False if a byte of the pattern is not what fill writes for seq. */
bool pm_msg_payload_ok(const void *data, size_t length, uint64_t seq);
bool pm_msg_payload_ok_behind(const void *data, size_t length, uint64_t seq,
			      size_t header);

#endif
