/* What #if takes for 0, so that all delays would be 0. */
/* expect any: AIOT_TICKS_PER_S is a number above 0 that #if can read */
/* expect g++: AIOT_TICKS_PER_S is a number above 0 that #if can read */
enum { TICK_HZ = 100 };
#define AIOT_TIME_BITS 32
#define AIOT_TICKS_PER_S TICK_HZ
#include "aio_timeout.h"
int main(void) { return 0; }
