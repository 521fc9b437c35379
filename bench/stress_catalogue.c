/* Every stressor; a new one is a row here and a round somewhere. */
#include <stddef.h>

#include "bench/stress.h"

const struct pm_stressor pm_stressors[] = {
	{ "integrity", "every transport and engine, sizes around every border, "
	  "every byte checked", "messages", "odd sizes", 2000, 10, NULL,
	  pm_stress_integrity },
	{ "slow-reader", "a consumer that needs its time for every message",
	  "messages", "slow trials", 200, 4, NULL, pm_stress_slow },
	{ "stopped", "either end stands still, and goes on", "messages",
	  "stops", 500, 20, NULL, pm_stress_stopped },
	{ "signals", "system calls are interrupted all the time", "messages",
	  "interruptions", 500, 50, pm_stress_can_poke, pm_stress_signals },
	{ "killed", "writer, reader or both die at a random moment", "trials",
	  "kills", 6, 6, NULL, pm_stress_killed },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL }
};
