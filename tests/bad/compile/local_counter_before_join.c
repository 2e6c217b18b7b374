/* A loop over a join, with a yield in it: the counter dies at both, and the loop never ends.  gcc says so with AIOT_DEBUG, at every level. */
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
    for (i = 0; i < 2; i++) {
        aiot_spawn(&self->t, aiot_sleep, &self->s, .delay_ns = AIOT_S(1));
        if (i) AIOT_YIELD();
        AIOT_JOIN(&self->t);
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
