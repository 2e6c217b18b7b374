/* A pointer that was never set. */
/* expect debug: joins_null.c:12: task .root.: joins NULL */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: NULL in place of an awaitable, a task or a frame */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_task *other; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN(self->other); AIOT_RAISE(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 5, self->other); AIOT_RAISE(2); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, self->other); AIOT_RAISE(3); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_STOP(&self->limit, 5, self->other);    /* nothing to stop */
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
