/* skipped_turns_ring.c - skipped_turns.c with the ready queue in an array of 16 places, and what does not fit in the list. */
#define AIOT_RING 1
#include "skipped_turns.c"
