/* A limit where a guard is taken. */
/* expect any: an aiot_guard is taken here, by its address */
/* expect g++: a pointer to an object of type T is taken|no match|aiot_i_taken */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_timeout limit; };
AIOT_CORO(root) { AIOT_BEGIN(); AIOT_SHIELDED(&self->limit, AIOT_MS(5)) { AIOT_YIELD(); } AIOT_END(); }
