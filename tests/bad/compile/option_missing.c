/* An option that is gone: the message says what has taken its place. */
/* expect any: are gone: define AIOT_PANIC */
/* expect g++: are gone: define AIOT_PANIC */
#define AIOT_ASSERT(c) ((void)(c))
#include "aio_timeout.h"
int main(void) { return 0; }
