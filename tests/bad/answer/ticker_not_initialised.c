/* A tick of a ticker without an init: AIOT_EINVAL. */
/* expect debug: ticker_not_initialised.c:13: task .root.: waits for a ticker that was not initialised, or whose init was refused */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a barrier, queue, semaphore or ticker without its init */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_ticker ticker; int turns; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (aiot_ticker_init(&self->ticker, task->loop, 0, AIOT_TICK_SKIP) != AIOT_EINVAL) AIOT_RAISE(1);
    if (aiot_ticker_init(&self->ticker, task->loop, AIOT_FOREVER, AIOT_TICK_SKIP) != AIOT_EINVAL) AIOT_RAISE(2);
    AIOT_TRY {
        AIOT_TICK(&self->ticker);
        AIOT_RAISE(3);
    } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_END();
}
int main(void)
{
    static aiot_loop loop;
    static struct root root;
    aiot_loop_init_virtual(&loop);
    return aiot_run(&loop, root, &root);
}
