#include <stdlib.h>
#include <string.h>

#include "bench/summary.h"

enum ipc_rc pm_samples_add(struct pm_samples *s, const struct pm_trial *trial)
{
	size_t room = s->room ? s->room * 2 : 64;
	struct pm_trial *trials = s->trials;

	if (s->count == s->room) {
		trials = realloc(trials, room * sizeof(*trials));
		if (!trials)
			return IPC_NOMEM;
		s->trials = trials;
		s->room = room;
	}
	trials[s->count] = *trial;
	/* the caller's, and as large as everything else together */
	memset(trials[s->count].hists, 0, sizeof(trials->hists));
	memset(trials[s->count].traces, 0, sizeof(trials->traces));
	memset(trials[s->count].heats, 0, sizeof(trials->heats));
	trials[s->count].clients = NULL;
	trials[s->count].client_count = 0;
	trials[s->count++].series = NULL;
	return IPC_OK;
}

void pm_samples_free(struct pm_samples *s)
{
	free(s->trials);
	*s = (struct pm_samples){ 0 };
}
