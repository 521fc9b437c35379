#include "bench/explain.h"

void pm_explain(FILE *out, const struct pm_cell *cell,
		const struct ipc_pairing *pairing)
{
	fprintf(out, "%s\n  transport %s, producer %s, consumer %s\n", cell->id,
		pairing->transport ? pairing->transport->name : "none",
		pairing->producer->name, pairing->consumer->name);
}
