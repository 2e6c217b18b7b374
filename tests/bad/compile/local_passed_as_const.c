/* A pointer that is only passed as a pointer to const.  clang takes no such use for one, whoever declared the function. */
/* flags gcc: -DAIOT_DEBUG=1 */
/* flags g++: -DAIOT_DEBUG=1 */
/* expect gcc: uninitialized */
/* expect g++: uninitialized */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; aiot_task t; struct aiot_sleep s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_task *me;
    me = task;
    AIOT_SLEEP(1);
    self->sum = (int)aiot_task_cancelling(me);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
