/* conversions_saturate_32.c - conversions_saturate.c with ticks of 32 bits. */
#define AIOT_TIME_BITS 32
#include "conversions_saturate.c"
