/* poll_faults_2.c - poll_faults.c with poll(2). */
#define AIOT_POLL 2
#include "poll_faults.c"
