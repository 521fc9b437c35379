#include <stdlib.h>
#include <string.h>

#include "bench/msg.h"
#include "tests/support/tap.h"

static unsigned char data[9000];

static bool a_message_carries_its_sequence(void)
{
	for (size_t length = 1; length < 300; length++)
		for (uint64_t seq = 0; seq < 600; seq += 37) {
			pm_msg_fill(data, length, seq);
			CHECK_EQ(pm_msg_seq(data, length, seq), seq);
			CHECK(pm_msg_payload_ok(data, length, seq));
		}
	return true;
}

static bool every_payload_byte_counts(void)
{
	for (size_t length = 17; length < 200; length++)
		for (size_t at = 16; at < length; at++) {
			pm_msg_fill(data, length, length);
			data[at] ^= 0x10;
			CHECK(!pm_msg_payload_ok(data, length, length));
		}
	return true;
}

/* Its third word is a time, and not checked. */
static bool a_paced_message_keeps_its_times(void)
{
	for (size_t length = 24; length < 200; length++) {
		pm_msg_fill_behind(data, length, 77, 24);
		memset(data + 8, 0xa5, 16);
		CHECK_EQ(pm_msg_seq(data, length, 77), 77);
		CHECK(pm_msg_payload_ok_behind(data, length, 77, 24));
		for (size_t at = 24; at < length; at++) {
			data[at] ^= 1;
			CHECK(!pm_msg_payload_ok_behind(data, length, 77, 24));
			data[at] ^= 1;
		}
	}
	return true;
}

static bool a_byte_past_the_end_is_left_alone(void)
{
	for (size_t length = 0; length < 100; length++) {
		memset(data, 0x5a, sizeof(data));
		pm_msg_fill(data, length, 7);
		CHECK_EQ(data[length], 0x5a);
		pm_msg_close(data, length, 7);
		CHECK_EQ(data[length], 0x5a);
	}
	return true;
}

static bool a_closing_message_is_no_sequence(void)
{
	uint64_t count;

	for (size_t length = 1; length < 40; length++) {
		pm_msg_close(data, length, 1234);
		CHECK(pm_msg_is_closing(data, length, &count));
		CHECK_EQ(count, length < 8 ? UINT64_MAX : 1234);
		for (uint64_t seq = 0; seq < 70000; seq++) {
			pm_msg_fill(data, length < 16 ? length : 16, seq);
			if (pm_msg_is_closing(data, length, &count))
				return false;
		}
	}
	return true;
}

static bool a_short_sequence_finds_its_place(void)
{
	/* One byte counts to 254; a message that is three ahead was the 300th. */
	pm_msg_fill(data, 1, 300);
	CHECK_EQ(pm_msg_seq(data, 1, 297), 300);
	CHECK_EQ(pm_msg_seq(data, 1, 300), 300);
	return true;
}

static bool patterns_of_two_messages_differ(void)
{
	unsigned char other[64];

	pm_msg_fill(data, 64, 1);
	pm_msg_fill(other, 64, 2);
	CHECK(memcmp(data + 16, other + 16, 48) != 0);
	CHECK(!pm_msg_payload_ok(data, 64, 2));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(a_message_carries_its_sequence);
	TEST(every_payload_byte_counts);
	TEST(a_paced_message_keeps_its_times);
	TEST(a_byte_past_the_end_is_left_alone);
	TEST(a_closing_message_is_no_sequence);
	TEST(a_short_sequence_finds_its_place);
	TEST(patterns_of_two_messages_differ);
	return tap_done();
}
