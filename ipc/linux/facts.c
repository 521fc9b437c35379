#include "ipc/sys.h"
