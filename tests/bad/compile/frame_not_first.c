/* AIOT_FRAME comes first. */
/* expect any: AIOT_FRAME comes first */
/* expect g++: AIOT_FRAME comes first */
#include "aio_timeout.h"
struct root { int sum; AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
