/* A callback that was never set. */
/* expect debug: callback_null_at.c:10: task .root.: this callback is NULL */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a callback that is NULL */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_handle handle; aiot_callback callback; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (aiot_call_at(task->loop, &self->handle, 1, self->callback, NULL) != AIOT_EINVAL) AIOT_RAISE(1);
    AIOT_SLEEP(2);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
