/* conversions_saturate_16.c - conversions_saturate.c with ticks of 16 bits. */
#define AIOT_TIME_BITS 16
#include "conversions_saturate.c"
