/* Two tasks race with one set: the second race raises AIOT_ERUNTIME. */
/* expect debug: race_set_in_use.c:9: task .second.: waits with an AIOT_RACE_SET with which a task waits already */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a waiter or a set with which another task waits */
#include "aio_timeout.h"
static AIOT_RACE_SET(1) set;
static aiot_future future, other;
struct first { AIOT_FRAME; }; static AIOT_CORO(first) { AIOT_BEGIN(); AIOT_RACE(&set, &future); AIOT_END(); }
struct second { AIOT_FRAME; }; static AIOT_CORO(second) { AIOT_BEGIN(); AIOT_RACE(&set, &other); AIOT_END(); }
struct root { AIOT_FRAME; struct first one; struct second two; aiot_task t, u; bool refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&future, task->loop);
    aiot_future_init(&other, task->loop);
    AIOT_SPAWN(&self->t, first, &self->one);
    AIOT_SPAWN(&self->u, second, &self->two);
    AIOT_TRY { AIOT_JOIN(&self->u); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused = true; }
    aiot_future_set_result(&future, 1);
    AIOT_JOIN(&self->t);
    if (!self->refused || aiot_race_winner(&set) != 0) AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
