/* poll_io_2.c - poll_io.c with poll(2). */
#define AIOT_POLL 2
#include "poll_io.c"
