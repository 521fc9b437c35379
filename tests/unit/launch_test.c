/* Which of two failures is a trial's. */
#include <string.h>

#include "bench/flight.h"
#include "bench/metric.h"
#include "tests/support/tap.h"

/* First one end fails, then the other: the name of the operation kept. */
static const char *kept(enum ipc_rc first, enum ipc_rc then, int *end)
{
	static struct pm_flight flight; /* large */
	static struct pm_trial trial;
	const struct ipc_err producer = { .rc = first, .op = "first" };
	const struct ipc_err consumer = { .rc = then, .op = "then" };

	memset(&flight, 0, sizeof(flight));
	memset(&trial, 0, sizeof(trial));
	flight.trial = &trial;
	pm_flight_fail(&flight, PM_PRODUCER, &producer);
	pm_flight_fail(&flight, PM_CONSUMER, &consumer);
	*end = trial.err_end;
	return trial.err.op;
}

static bool the_first_failure_stays(void)
{
	int end;

	CHECK(!strcmp(kept(IPC_NOMEM, IPC_EOF, &end), "first"));
	CHECK_EQ(end, PM_PRODUCER);
	CHECK(!strcmp(kept(IPC_NOMEM, IPC_OS, &end), "first"));
	CHECK(!strcmp(kept(IPC_EOF, IPC_GONE, &end), "first"));
	CHECK(!strcmp(kept(IPC_GONE, IPC_EOF, &end), "first"));
	return true;
}

static bool why_a_peer_left_explains_that_it_did(void)
{
	int end;

	CHECK(!strcmp(kept(IPC_EOF, IPC_NOMEM, &end), "then"));
	CHECK_EQ(end, PM_CONSUMER);
	CHECK(!strcmp(kept(IPC_GONE, IPC_OS, &end), "then"));
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(the_first_failure_stays);
	TEST(why_a_peer_left_explains_that_it_did);
	return tap_done();
}
