/* conversions_saturate_3000.c - conversions_saturate.c with 3000 ticks a second, of 32 bits. */
#define AIOT_TIME_BITS 32
#define AIOT_TICKS_PER_S 3000
#include "conversions_saturate.c"
