/* Two tasks wait with one set: the second wait raises AIOT_ERUNTIME.  The answer has its line. */
/* expect debug: wait_set_in_use.c:14: task .waits.: waits with an AIOT_WAIT_SET with which a task waits already */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a waiter or a set with which another task waits */
#include "aio_timeout.h"
static AIOT_WAIT_SET(1) set;
static aiot_future future;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    /* The first of them goes on. */
    AIOT_WAIT(&set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &future);
    AIOT_END();
}
struct root { AIOT_FRAME; struct waits frames[2]; aiot_task tasks[2]; bool refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_spawn(&self->tasks[i], waits, &self->frames[i]));
    AIOT_TRY { AIOT_JOIN(&self->tasks[1]); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused = true; }
    aiot_future_set_result(&future, 1);
    AIOT_JOIN(&self->tasks[0]);
    if (!self->refused || !aiot_wait_has(&set, &future)) AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
