/* ring.c - the workloads of scheduling.c, with the ready queue in an array: AIOT_RING. */
#define AIOT_RING 1
#include "scheduling.c"
