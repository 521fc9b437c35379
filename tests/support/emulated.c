#include "tests/support/emulated.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const *test_prefix(void)
{
	static const char *words[16];
	static char text[512];
	const char *given = getenv("PM_TEST_PREFIX");
	size_t count = 0;

	if (!given || !given[0])
		return NULL;
	snprintf(text, sizeof(text), "%s", given);
	for (char *word = strtok(text, " "); word && count < 15;
	     word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	return words;
}
