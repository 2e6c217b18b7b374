/* A set that is used for others while a task reads it. */
/* expect debug: as_completed_begun_anew.c:23: .*begins an AIOT_AS_COMPLETED_SET anew that a task is reading */
/* exit debug: abort */
/* exit release: skip */
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
struct root { AIOT_FRAME; struct reads frame; aiot_task reader; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    aiot_spawn(&self->reader, reads, &self->frame);
    AIOT_SLEEP(2);
    aiot_as_completed(&set, AIOT_FOREVER, &future);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
