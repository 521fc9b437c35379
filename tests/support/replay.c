#include "tests/support/replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/sample_run.h"
#include "tests/support/tap.h"

static bool replay(const char *folder, const char *name, replay_fn *one)
{
	char path[512], *text;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	text = sample_file_text(path, &length);
	CHECK(text);
	for (size_t cut = 0; cut < length; cut += 1 + length / 100)
		one((unsigned char *)text, cut);
	one((unsigned char *)text, length);
	free(text);
	return true;
}

void replay_corpus(const char *folder, replay_fn *one)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	tap_result(folder, dir != NULL);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			tap_result(entry->d_name,
				   replay(folder, entry->d_name, one));
	if (dir)
		closedir(dir);
}
