/* A guard where a limit is taken. */
/* expect any: an aiot_timeout is taken here, by its address */
/* expect g++: a pointer to an object of type T is taken|no match|aiot_i_taken */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_guard guard; };
AIOT_CORO(root) { AIOT_BEGIN(); AIOT_TIMEOUT(&self->guard, AIOT_MS(5)) { AIOT_YIELD(); } AIOT_END(); }
