/* Two tasks wait with one set.  The answer has the line of the second wait. */
/* expect debug: wait_set_in_use.c:13: task .waits.: waits with an AIOT_WAIT_SET with which a task waits already */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
static AIOT_WAIT_SET(1) set;
static aiot_future future;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    AIOT_WAIT(&set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &future);
    AIOT_END();
}
struct root { AIOT_FRAME; struct waits frames[2]; aiot_task tasks[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    aiot_spawn(&self->tasks[0], waits, &self->frames[0]);
    aiot_spawn(&self->tasks[1], waits, &self->frames[1]);
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
