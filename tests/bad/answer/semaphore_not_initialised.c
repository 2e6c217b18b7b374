/* A semaphore without a number of permits: AIOT_EINVAL. */
/* expect debug: semaphore_not_initialised.c:12: task .root.: waits for a semaphore that was not initialised */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a barrier, queue, semaphore or ticker without its init */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_semaphore s; aiot_waiter w; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 1) { AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w); } AIOT_EXCEPT(AIOT_EINVAL) { AIOT_RETURN(); }
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
