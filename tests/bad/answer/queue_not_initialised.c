/* A queue without an init: a join of it waited for ever. */
/* expect debug: queue_not_initialised.c:10: task .root.: uses a queue that was not initialised, or whose init was refused */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a barrier, queue, semaphore or ticker without its init */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_queue q; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_QUEUE_JOIN(&self->q, &self->w); } AIOT_EXCEPT(AIOT_EINVAL) { AIOT_RETURN(); }
    AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
