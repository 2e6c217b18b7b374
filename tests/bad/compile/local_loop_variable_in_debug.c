/* The counter of slips_through_loop_variable_at_O2.c, with AIOT_DEBUG. */
/* flags gcc: -DAIOT_DEBUG=1 -O2 */
/* flags g++: -DAIOT_DEBUG=1 -O2 */
/* expect gcc: uninitialized */
/* expect clang: uninitialized */
/* expect g++: uninitialized */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; aiot_task t; struct aiot_sleep s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i;
    for (i = 0; i < 3; i++) AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
