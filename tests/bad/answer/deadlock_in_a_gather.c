/* What hangs is told with what it waits for, each line on the way there, and the cancels that it has swallowed. */
/* expect debug: ^task .root., line 20 > 12: waits for a gather, 1 unfinished$ */
/* exit debug: 0 */
/* release: refused AIOT_EDEADLK */  /* mistake: tasks that wait for each other */
#include "aio_timeout.h"
struct inner { AIOT_FRAME; aiot_future *never; AIOT_GATHER_SET(1) all; };
static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    AIOT_TRY { AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_GATHER(&self->all, self->never);
    AIOT_END();
}
struct root { AIOT_FRAME; aiot_future never; struct inner inner; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&self->never, task->loop);
    AIOT_AWAIT(inner, &self->inner, .never = &self->never);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_EDEADLK;
}
