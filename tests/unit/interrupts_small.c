/* interrupts_small.c - interrupts.c with the small loop, and a way to sleep that is known to it, which looks for interrupts instead of it. */
#define AIOT_SMALL 1
#define AIOT_CLOCK(loop)       clock_ticks(loop)
#define AIOT_IDLE(loop, until) idle(loop, until)
#define NAPS 1
#include "interrupts.c"
