#include <stdio.h>
#include <string.h>

#include "bench/cmd.h"
#include "ipc/sys.h"

int main(int argc, char **argv)
{
	ipc_program_start(&argc, &argv);
	if (argc > 1 && !strcmp(argv[1], "run"))
		return pm_cmd_run(argc - 1, argv + 1);
	fprintf(stderr, "usage: pipemark run ...\n");
	return PM_STATUS_REQUEST;
}
