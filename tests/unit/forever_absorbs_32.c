/* forever_absorbs_32.c - forever_absorbs.c with ticks of 32 bits. */
#define AIOT_TIME_BITS 32
#include "forever_absorbs.c"
