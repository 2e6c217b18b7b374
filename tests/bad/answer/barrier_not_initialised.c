/* A barrier without a number of parties. */
/* expect debug: aiot_barrier_wait\(\), awaited in line:10: task .root.: waits at a barrier that was not initialised */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a barrier, queue, semaphore or ticker without its init */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_barrier b; struct aiot_barrier_wait wait; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &self->b); } AIOT_EXCEPT(AIOT_EINVAL) { AIOT_RETURN(); }
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
