/* A set that is closed while a task reads it: that wait ends with AIOT_ERUNTIME. */
/* expect debug: as_completed_closed.c:23: .*closes an AIOT_AS_COMPLETED_SET that a task is reading: that wait ends with AIOT_ERUNTIME */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a gather, shield or as_completed set made anew or closed while a task waits for it */
#include "aio_timeout.h"
static AIOT_AS_COMPLETED_SET(1) set;
static aiot_future future;
struct reads { AIOT_FRAME; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    aiot_as_completed(&set, AIOT_FOREVER, &future);
    AIOT_NEXT_COMPLETED(&set);
    AIOT_END();
}
struct root { AIOT_FRAME; struct reads frame; aiot_task reader; bool refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    if (aiot_spawn(&self->reader, reads, &self->frame) != 0) AIOT_RAISE(1);
    AIOT_SLEEP(2);
    aiot_as_completed_close(&set);
    AIOT_TRY { AIOT_JOIN(&self->reader); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused = true; }
    if (!self->refused || aiot_as_completed_left(&set)) AIOT_RAISE(2);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
