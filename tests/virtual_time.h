/* virtual_time.h - to be included before a program: what it says then depends on no machine's load, and takes no time. */
#include "aio_timeout.h"
#define aiot_loop_init aiot_loop_init_virtual
