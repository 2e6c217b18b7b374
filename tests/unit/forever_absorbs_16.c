/* forever_absorbs_16.c - forever_absorbs.c with ticks of 16 bits. */
#define AIOT_TIME_BITS 16
#include "forever_absorbs.c"
