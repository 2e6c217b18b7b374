/* A plain return, which would end the step but not the coroutine. */
/* expect gcc: incompatible types when returning type .int. */
/* expect clang: returning .int. from a function with incompatible result type .aiot_ret. */
/* expect g++: could not convert .0. from .int. to .aiot_ret. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (task->loop->stopping) return 0;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
