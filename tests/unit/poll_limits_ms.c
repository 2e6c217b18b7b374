/* poll_limits_ms.c - the same where there is no ppoll(2). */
#define AIOT_I_PPOLL 0
#include "poll_limits.c"
