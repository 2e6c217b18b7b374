/* Joining something that cannot be awaited. */
/* expect any: no member named .awaitable_is_a_task_future_gather_or_shield. */
/* expect g++: an awaitable is the address of a task, future, gather or shield */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_JOIN(&self->limit);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
