/* Two tasks wait with one gather: the wait of the first ends with AIOT_ERUNTIME.  The answer has the line of the second. */
/* expect debug: gather_in_use.c:12: .*gathers with an AIOT_GATHER_SET that a task waits for: that wait ends with AIOT_ERUNTIME */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a gather, shield or as_completed set made anew or closed while a task waits for it */
#include "aio_timeout.h"
static AIOT_GATHER_SET(1) it;
static aiot_future future;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_GATHER(&it, &future);
    AIOT_END();
}
struct root { AIOT_FRAME; struct waits frames[2]; aiot_task tasks[2]; bool refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_spawn(&self->tasks[i], waits, &self->frames[i]));
    AIOT_TRY { AIOT_JOIN(&self->tasks[0]); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused = true; }
    AIOT_SLEEP(1);
    if (!self->refused || aiot_done(&self->tasks[1])) AIOT_RAISE(1);
    aiot_future_set_result(&future, 1);
    AIOT_JOIN(&self->tasks[1]);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
