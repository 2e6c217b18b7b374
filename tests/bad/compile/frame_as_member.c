/* A frame among the members of a gather. */
/* expect any: no member named .awaitable_is_a_task_future_gather_or_shield. */
/* expect g++: an awaitable is the address of a task, future, gather or shield */
#include "aio_timeout.h"
struct child { AIOT_FRAME; int n; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child one; aiot_task t; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->t, child, &self->one);
    AIOT_GATHER(&self->all, &self->t, &self->one);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
