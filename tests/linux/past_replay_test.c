/* The fuzz target's corpus, whole and cut; a crash ends the test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/past_fuzz.c"
#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static const char folder[] = "tests/fuzz/corpus/past";

static bool replay(const char *name)
{
	char path[512], *text;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	text = sample_file_text(path, &length);
	CHECK(text);
	for (size_t cut = 1; cut < length; cut += 1 + length / 100)
		LLVMFuzzerTestOneInput((unsigned char *)text, cut);
	LLVMFuzzerTestOneInput((unsigned char *)text, length);
	free(text);
	return true;
}

int main(void)
{
	DIR *dir;
	struct dirent *entry;

	tap_start(60);
	dir = opendir(folder);
	tap_result("there is a corpus", dir != NULL);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			tap_result(entry->d_name, replay(entry->d_name));
	if (dir)
		closedir(dir);
	return tap_done();
}
