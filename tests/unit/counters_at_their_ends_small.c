/* counters_at_their_ends_small.c - counters_at_their_ends.c with the small loop. */
#define AIOT_SMALL 1
#include "counters_at_their_ends.c"
