/* forks_2.c - forks.c with poll(2). */
#define AIOT_POLL 2
#include "forks.c"
