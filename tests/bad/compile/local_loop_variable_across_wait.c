/* The loop variable of a for with a wait in it. */
/* flags gcc: -O2 */
/* expect gcc: switch jumps over variable initialization|uninitialized */
/* expect clang: uninitialized */
/* expect g++: jump to case label */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
