/* The corpora of what hears others: lines, the control channel, the hello. */
#include "tests/support/replay.h"

#include "tests/support/tap.h"

#define LLVMFuzzerTestOneInput control_input
#include "tests/fuzz/control_fuzz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput hello_input
#include "tests/fuzz/hello_fuzz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput lines_input
#include "tests/fuzz/lines_fuzz.c"

int main(void)
{
	tap_start(60);
	replay_corpus("tests/fuzz/corpus/control", control_input);
	replay_corpus("tests/fuzz/corpus/hello", hello_input);
	replay_corpus("tests/fuzz/corpus/lines", lines_input);
	return tap_done();
}
