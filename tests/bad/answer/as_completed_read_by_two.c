/* Two tasks read a set with its own aiot_waiter: the second read raises AIOT_ERUNTIME. */
/* expect debug: as_completed_read_by_two.c:12: task .reads.: waits with an aiot_waiter, or reads a set, with which a task waits already */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a waiter or a set with which another task waits */
#include "aio_timeout.h"
static AIOT_AS_COMPLETED_SET(2) set;
static aiot_future futures[2];
struct reads { AIOT_FRAME; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    AIOT_NEXT_COMPLETED(&set);
    AIOT_END();
}
struct root { AIOT_FRAME; struct reads frames[2]; aiot_task readers[2]; bool refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&futures[0], task->loop);
    aiot_future_init(&futures[1], task->loop);
    aiot_as_completed(&set, AIOT_FOREVER, &futures[0], &futures[1]);
    for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_spawn(&self->readers[i], reads, &self->frames[i]));
    AIOT_TRY { AIOT_JOIN(&self->readers[1]); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused = true; }
    aiot_future_set_result(&futures[0], 1);
    AIOT_JOIN(&self->readers[0]);
    if (!self->refused) AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
