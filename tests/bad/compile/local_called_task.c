/* A local with the name of the coroutine's own task, which the macros would use in its place.  -Wshadow is off in a body */
/* expect any: a local is called task or self, as a parameter of the coroutine is */
/* expect g++: jump to case label */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frame; aiot_task child; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_task *task = &self->child;
        aiot_spawn(task, child, &self->frame);
        AIOT_JOIN(task);
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
