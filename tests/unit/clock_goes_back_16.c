/* clock_goes_back_16.c - clock_goes_back.c with ticks of 16 bits. */
#define AIOT_TIME_BITS 16
#include "clock_goes_back.c"
