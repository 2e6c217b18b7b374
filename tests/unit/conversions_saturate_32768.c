/* conversions_saturate_32768.c - conversions_saturate.c with 32 768 ticks a second, of 64 bits. */
#define AIOT_TICKS_PER_S 32768
#include "conversions_saturate.c"
