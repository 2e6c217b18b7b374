/* A pointer to a queue that was never set. */
/* expect debug: queue_null.c:10: task .none.: uses a queue that is NULL */
/* exit debug: abort */
/* release: refused AIOT_EINVAL */  /* mistake: a handle, lock, event, condition, semaphore, barrier or queue that is NULL */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_queue *q; int item; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (aiot_queue_put_nowait(self->q, &self->item) != AIOT_EINVAL) AIOT_RAISE(1);
    if (aiot_queue_get_nowait(self->q, &self->item) != AIOT_EINVAL) AIOT_RAISE(2);
    if (aiot_queue_task_done(self->q) != AIOT_EINVAL) AIOT_RAISE(3);
    aiot_queue_shutdown(self->q, true);
    AIOT_TRY { AIOT_QUEUE_PUT(self->q, &self->w, &self->item); AIOT_RAISE(4); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_QUEUE_GET(self->q, &self->w, &self->item); AIOT_RAISE(5); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_QUEUE_JOIN(self->q, &self->w); AIOT_RAISE(6); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
