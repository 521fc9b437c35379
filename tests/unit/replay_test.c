/* The corpora of what reads knobs, sets and matrices; presets are matrices. */
#include "tests/support/replay.h"

#include "tests/support/tap.h"

#define LLVMFuzzerTestOneInput knob_input
#include "tests/fuzz/knob_fuzz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput set_input
#include "tests/fuzz/set_fuzz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput matrix_input
#include "tests/fuzz/matrix_fuzz.c"

int main(void)
{
	tap_start(120);
	replay_corpus("tests/fuzz/corpus/knob", knob_input);
	replay_corpus("tests/fuzz/corpus/set", set_input);
	replay_corpus("tests/fuzz/corpus/matrix", matrix_input);
	for (const struct pm_preset *p = pm_presets; p->name; p++) {
		matrix_input((const unsigned char *)p->text, strlen(p->text));
		tap_result(p->name, true);
	}
	return tap_done();
}
