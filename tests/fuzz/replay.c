/* Runs a fuzz target on files, without libFuzzer: usage: X_fuzz FILE... */
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char *data = NULL;
	size_t size = 0, got = 0;

	if (!file) {
		perror(path);
		return 1;
	}
	do {
		size += got;
		data = realloc(data, size + 65536);
		got = data ? fread(data + size, 1, 65536, file) : 0;
	} while (got);
	fclose(file);
	if (data)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	printf("%d inputs\n", argc - 1);
	return failed;
}
