/* A wait that is not always there: on one path the local still has its value. */
/* flags gcc: -DAIOT_DEBUG=1 */
/* flags g++: -DAIOT_DEBUG=1 */
/* expect gcc: uninitialized */
/* expect clang: uninitialized */
/* expect g++: uninitialized */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; aiot_task t; struct aiot_sleep s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i;
    i = self->sum + 1;
    if (self->sum) AIOT_YIELD();
    self->sum += i;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
