/* The corpus of what reads result files. */
#include "tests/fuzz/past_fuzz.c"
#include "tests/support/replay.h"
#include "tests/support/tap.h"

int main(void)
{
	tap_start(60);
	replay_corpus("tests/fuzz/corpus/past", LLVMFuzzerTestOneInput);
	return tap_done();
}
