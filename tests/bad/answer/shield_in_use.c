/* Two tasks wait with one shield: the first would wait for ever.  The answer has the line of the second. */
/* expect debug: shield_in_use.c:12: .*shields with an aiot_shield that a task waits for: it would wait for ever */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
static aiot_shield it;
static aiot_future future;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_SHIELD(&it, &future);
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
