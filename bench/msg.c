#include "bench/msg.h"

static size_t header_size(size_t length)
{
	return length >= sizeof(struct pm_msg) ? sizeof(struct pm_msg)
	       : length >= sizeof(uint64_t)    ? sizeof(uint64_t)
					       : length;
}

static uint64_t pattern_start(uint64_t seq)
{
	uint64_t state = seq;

	return pm_random(&state);
}

/* Eight bytes of pattern at a time; the odd step makes every word differ. */
#define PATTERN_STEP UINT64_C(0x9e3779b97f4a7c15)

static void put_header(unsigned char *data, size_t length, uint64_t seq)
{
	struct pm_msg msg = { seq, 0 };

	if (length < sizeof(uint64_t))
		msg.seq = seq % pm_small_mask(length);
	memcpy(data, &msg, header_size(length));
}

/* Where the pattern begins. */
static size_t pattern_at(size_t length, size_t header)
{
	return header > sizeof(struct pm_msg) && length >= header
		       ? header
		       : header_size(length);
}

void pm_msg_fill(void *data, size_t length, uint64_t seq)
{
	pm_msg_fill_behind(data, length, seq, sizeof(struct pm_msg));
}

void pm_msg_fill_behind(void *data, size_t length, uint64_t seq, size_t header)
{
	unsigned char *p = data;
	size_t at = pattern_at(length, header);
	uint64_t word = pattern_start(seq);

	if (!length)
		return;
	put_header(p, length, seq);
	for (; at + sizeof(word) <= length; at += sizeof(word)) {
		memcpy(p + at, &word, sizeof(word));
		word += PATTERN_STEP;
	}
	memcpy(p + at, &word, length - at);
}

void pm_msg_close(void *data, size_t length, uint64_t count)
{
	uint64_t seq = PM_CLOSING | count;

	if (length < sizeof(uint64_t))
		memset(data, 0xff, length);
	else
		memcpy(data, &seq, sizeof(seq));
}

bool pm_msg_is_closing(const void *data, size_t length, uint64_t *count)
{
	uint64_t seq = 0;

	memcpy(&seq, data, length < sizeof(seq) ? length : sizeof(seq));
	*count = UINT64_MAX;
	if (length < sizeof(seq))
		return length && seq == pm_small_mask(length);
	*count = seq & ~PM_CLOSING;
	return seq & PM_CLOSING;
}

uint64_t pm_msg_seq(const void *data, size_t length, uint64_t expected)
{
	uint64_t seq = 0, modulus;

	if (!length)
		return expected;
	memcpy(&seq, data, length < sizeof(seq) ? length : sizeof(seq));
	if (length >= sizeof(seq))
		return seq;
	modulus = pm_small_mask(length);
	if (seq == expected % modulus)
		return expected;
	/* The nearest sequence at or after expected with this remainder. */
	return expected + (seq + modulus - expected % modulus) % modulus;
}

bool pm_msg_payload_ok(const void *data, size_t length, uint64_t seq)
{
	return pm_msg_payload_ok_behind(data, length, seq,
					sizeof(struct pm_msg));
}

bool pm_msg_payload_ok_behind(const void *data, size_t length, uint64_t seq,
			      size_t header)
{
	const unsigned char *p = data;
	size_t at = pattern_at(length, header);
	uint64_t word = pattern_start(seq), seen, wrong = 0;

	for (; at + sizeof(word) <= length; at += sizeof(word)) {
		memcpy(&seen, p + at, sizeof(seen));
		wrong |= seen ^ word;
		word += PATTERN_STEP;
	}
	return !wrong && memcmp(p + at, &word, length - at) == 0;
}
