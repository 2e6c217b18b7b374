/* A handle that is a C local. */
/* expect debug: local_handle.c:15: task .root.: this handle is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
static int nothing(void *argument) { (void)argument; return 0; }
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_handle handle = { 0 };
        aiot_call_soon(task->loop, &handle, nothing, NULL);
    }
    AIOT_YIELD();
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
