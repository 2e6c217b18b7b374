/* An array of tasks for one of them: only its first would be waited for. */
/* expect any: an awaitable is passed by its address, &self->task; an array is no awaitable */
/* expect g++: an awaitable is the address of a task, future, gather or shield */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frames[3]; aiot_task tasks[3]; AIOT_GATHER_SET(3) all; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) aiot_spawn(&self->tasks[i], child, &self->frames[i]);
    AIOT_GATHER(&self->all, self->tasks);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
