/* any_memory_small.c - any_memory.c with the small loop. */
#define AIOT_SMALL 1
#include "any_memory.c"
