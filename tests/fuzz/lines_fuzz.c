/* Lines come out as they went in, in whatever pieces they came. */
#include "ipc/lines.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* All that was put in, and how much of it has come out. */
struct model {
	char  *text;
	size_t have, taken;
};

static void put(struct ipc_lines *lines, struct model *model,
		const unsigned char *bytes, size_t count)
{
	REQUIRE(!ipc_lines_room(lines, count, NULL));
	REQUIRE(!lines->taken && lines->scanned <= lines->have);
	REQUIRE(lines->size - lines->have >= count);
	memcpy(lines->text + lines->have, bytes, count);
	lines->have += count;
	model->text = realloc(model->text, model->have + count);
	REQUIRE(model->text);
	memcpy(model->text + model->have, bytes, count);
	model->have += count;
}

static const char *next_end(const struct model *model)
{
	return model->have ? memchr(model->text + model->taken, '\n',
				    model->have - model->taken) : NULL;
}

static void take(struct ipc_lines *lines, struct model *model)
{
	const char *end = next_end(model), *line = ipc_lines_take(lines);
	size_t length;

	REQUIRE(!line == !end);
	if (!end)
		return;
	length = (size_t)(end - model->text) - model->taken;
	REQUIRE(!memcmp(line, model->text + model->taken, length));
	REQUIRE(!line[length]);
	model->taken += length + 1;
}

/* One byte says what is done, and how often or with how many bytes. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static unsigned char filler[1024];
	struct model model = { 0 };
	struct ipc_lines lines;

	REQUIRE(!ipc_lines_open(&lines, NULL));
	for (size_t at = 0; at < size;) {
		size_t what = data[at] % 4, count = data[at] / 4 + 1u;
		size_t left = size - ++at;

		if (what == 0 && left) {
			count = count < left ? count : left;
			put(&lines, &model, data + at, count);
			at += count;
		} else if (what == 1) {
			put(&lines, &model, filler, count * 16);
		} else if (what == 2) {
			REQUIRE(ipc_lines_any(&lines) == !!next_end(&model));
		}
		for (; what == 3 && count; count--)
			take(&lines, &model);
	}
	while (ipc_lines_any(&lines))
		take(&lines, &model);
	REQUIRE(!next_end(&model));
	REQUIRE(lines.have - lines.taken == model.have - model.taken);
	ipc_lines_close(&lines);
	free(model.text);
	return 0;
}
