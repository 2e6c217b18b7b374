/* An await without a frame. */
/* expect any: too few arguments: AIOT_AWAIT */
/* expect g++: too few arguments: AIOT_AWAIT */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(child);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
