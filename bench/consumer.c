#include "bench/text.h"
#include "bench/worker.h"

int main(int argc, char **argv)
{
	return pm_text_said("pipemark-consumer",
			    pm_worker_main(PM_CONSUMER, argc, argv));
}
