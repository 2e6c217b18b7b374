/* A block in a coroutine whose frame has no room for an error. */
/* expect any: use AIOT_FRAME_DEPTH */
/* expect g++: use AIOT_FRAME_DEPTH */
#include "aio_timeout.h"
struct root { AIOT_FRAME_DEPTH(0); };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(1);
    } AIOT_FINALLY {
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
