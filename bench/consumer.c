#include "bench/worker.h"

int main(int argc, char **argv)
{
	return pm_worker_main(PM_CONSUMER, argc, argv);
}
