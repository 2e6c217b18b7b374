/* An option that is gone: the message says what has taken its place. */
/* expect any: AIOT_PANIC.* has replaced */
/* expect g++: AIOT_PANIC.* has replaced */
#define AIOT_ASSERT(c) ((void)(c))
#include "aio_timeout.h"
int main(void) { return 0; }
