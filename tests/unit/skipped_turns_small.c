/* skipped_turns_small.c - skipped_turns.c with the small loop and its sorted list. */
#define AIOT_SMALL 1
#define AIOT_DEBUG 1
#include "skipped_turns.c"
