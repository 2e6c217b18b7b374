/* A future that is a C local dies at the wait.  Some compilers see it; where they do not, a debug build does. */
/* expect debug: local_future.c:13: task .root.: joins a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_future it;
        aiot_future_init(&it, task->loop);
        AIOT_JOIN(&it);
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
