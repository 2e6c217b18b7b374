/* Two tasks read a set with its own aiot_waiter. */
/* expect debug: as_completed_read_by_two.c:12: task .reads.: reads an AIOT_AS_COMPLETED_SET that a task is reading: two need AIOT_NEXT_COMPLETED_WITH */
/* exit debug: abort */
/* exit release: skip */
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
struct root { AIOT_FRAME; struct reads frames[2]; aiot_task readers[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&futures[0], task->loop);
    aiot_future_init(&futures[1], task->loop);
    aiot_as_completed(&set, AIOT_FOREVER, &futures[0], &futures[1]);
    aiot_spawn(&self->readers[0], reads, &self->frames[0]);
    aiot_spawn(&self->readers[1], reads, &self->frames[1]);
    AIOT_SLEEP(2);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
