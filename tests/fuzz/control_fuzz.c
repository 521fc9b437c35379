/* Whatever a worker says on the control channel: the trial stays a trial. */
#include "bench/report.h"
#include "bench/result_records.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_trial(const struct pm_trial *trial)
{
	REQUIRE(trial->err.rc <= 0 && trial->err.rc >= IPC_CORRUPT);
	REQUIRE(memchr(trial->err.what, 0, sizeof(trial->err.what)));
	REQUIRE(memchr(trial->how[0], 0, sizeof(trial->how[0])));
	REQUIRE(memchr(trial->how[1], 0, sizeof(trial->how[1])));
	for (int i = 0; i < PM_HIST_SLOTS; i++)
		REQUIRE(memchr(trial->hists[i].name, 0,
			       sizeof(trial->hists[i].name)));
}

/* It becomes one line of the result, whatever it holds. */
static void check_record(const struct pm_trial *trial)
{
	static struct pm_run_cell cell;
	struct pm_plan plan = { .cells = &cell, .cell_count = 1, .arms = 1 };
	struct pm_json json = { 0 };
	char text[512];

	if (!cell.cell[0].id[0]) {
		pm_cell_init(&cell.cell[0]);
		REQUIRE(!pm_cell_finish(&cell.cell[0], NULL));
		strcpy(cell.cell[0].id, "message=4K");
	}
	REQUIRE(ipc_err_text(&trial->err, text, sizeof(text)));
	pm_record_trial(&json, &plan, trial);
	REQUIRE(!json.failed && json.length &&
		strchr(json.text, '\n') == json.text + json.length - 1);
	pm_json_free(&json);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = fuzz_text(data, size), *line = text, *end;
	struct pm_trial trial;
	int from = 0;

	pm_trial_init(&trial);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		pm_report_read(line, from, &trial);
		from = !from;
		check_trial(&trial);
	}
	check_record(&trial);
	pm_trial_free(&trial);
	free(text);
	return 0;
}
