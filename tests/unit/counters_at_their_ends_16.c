/* counters_at_their_ends_16.c - counters_at_their_ends.c with ticks of 16 bits. */
#define AIOT_TIME_BITS 16
#include "counters_at_their_ends.c"
