/* A forgotten AIOT_FRAME, in a program that uses the coroutine in each way. */
/* expect any: no member named .AIOT_FRAME_comes_first_in_the_struct. */
/* expect g++: no member named .AIOT_FRAME_comes_first_in_the_struct. */
#include "aio_timeout.h"
struct child { int n; };
static AIOT_CORO(child)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(1); self->n = 1; AIOT_YIELD(); } AIOT_FINALLY { self->n = 2; AIOT_SLEEP(2); }
    AIOT_END();
}
struct root { AIOT_FRAME; struct child one, two; aiot_task t; aiot_timeout l; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(child, &self->one);
    aiot_spawn(&self->t, child, &self->two);
    AIOT_JOIN(&self->t);
    AIOT_WAIT_FOR(&self->l, AIOT_S(1), child, &self->one);
    AIOT_END();
}
int main(void) { return 0; }
