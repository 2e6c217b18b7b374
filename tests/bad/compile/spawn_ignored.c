/* The error of a spawn is not looked at: a warning, which no -Werror makes an error. */
/* warn gcc: aiot_i_test_it_or_use_AIOT_SPAWN */
/* warn clang: ignoring return value */
/* flags gcc: -Werror */
/* flags clang: -Werror */
/* flags g++: -Werror */
/* warn g++: aiot_i_test_it_or_use_AIOT_SPAWN */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
AIOT_CORO(child) { AIOT_BEGIN(); AIOT_YIELD(); AIOT_END(); }
struct root { AIOT_FRAME; aiot_task t; struct child child; };
AIOT_CORO(root) { AIOT_BEGIN(); aiot_spawn(&self->t, child, &self->child); AIOT_YIELD(); AIOT_END(); }
