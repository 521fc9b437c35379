/* Every stressor; a new one is a row here and a round somewhere. */
#include <stddef.h>

#include "bench/stress_agent.h"

const struct pm_stressor pm_stressors[] = {
	{ "integrity", "every transport and engine, sizes around every border, "
	  "every byte checked", "messages", "odd sizes", 500, 10, NULL,
	  pm_stress_integrity },
	{ "slow-reader", "a consumer that needs its time for every message",
	  "messages", "slow trials", 200, 4, NULL, pm_stress_slow },
	{ "stopped", "either end stands still, and goes on", "messages",
	  "stops", 500, 20, NULL, pm_stress_stopped },
	{ "signals", "system calls are interrupted all the time", "messages",
	  "interruptions", 500, 50, pm_stress_can_poke, pm_stress_signals },
	{ "killed", "writer, reader or both die at a random moment", "trials",
	  "kills", 6, 6, NULL, pm_stress_killed },
	{ "drain", "all is sent and nobody reads it: the reader dies, stops, "
	  "or is late", "trials", "deaths and stops", 6, 4, NULL,
	  pm_stress_drain },
	{ "writers", "many clients at full speed, every byte of each checked",
	  "messages", "clients", 500, 6, NULL, pm_stress_writers },
	{ "crowd", "a client of many dies, or their server", "trials", "kills",
	  4, 3, NULL, pm_stress_crowd },
	{ "limits", "an end that may have little memory, or few handles",
	  "trials", "refusals", 10, 3, pm_stress_can_limit, pm_stress_limits },
	{ "open-close", "links made and dropped, used or not, as fast as it "
	  "goes", "messages", "unused links", 500, 50, NULL, pm_stress_open_close },
	{ "many", "as many links at once as there may be, and then one more",
	  "messages", "refusals", 200, 0, NULL, pm_stress_many },
	{ "cancel", "an end closes with operations in flight", "messages",
	  "closes", 200, 60, NULL, pm_stress_cancel },
	{ "resize", "the kernel's buffer changes under load", "messages",
	  "resizes", 300, 100, pm_stress_can_resize, pm_stress_resize },
	{ "connect", "clients come and go, some are killed", "connections",
	  "deaths", 200, 1, NULL, pm_stress_connect },
	{ "abandon", "clients that say nothing, or half a message, or die",
	  "connections", "strays", 30, 30, NULL, pm_stress_abandon },
	{ "gone", "a listener dies, its name is taken over, with clients at the "
	  "door", "visits", "deaths", 20, 4, NULL, pm_stress_gone },
	{ "disk-full", "the result file can grow no more, and is resumed",
	  "records", "full disks", 100, 8, pm_stress_can_fill,
	  pm_stress_disk },
	{ "names", "a name that is taken, gone, or of a dead server", "calls",
	  "refusals", 80, 40, NULL, pm_stress_names },
	{ "hostile", "strangers on the pipe: garbage, wrong token, half a "
	  "hello, silence", "visits", "visits", 8, 8, NULL, pm_stress_hostile },
	{ "flood", "more strangers on the pipe than it has room for",
	  "connections", "floods", 4, 4, NULL, pm_stress_flood },
	{ "impostor", "a stranger has the server's name: nonsense for replies, "
	  "silence, or it leaves", "calls", "calls", 4, 4, NULL,
	  pm_stress_impostor },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL }
};
