/* A pointer to a queue that was never set. */
/* expect debug: queue_null.c:10: task .none.: uses a queue that is NULL */
/* exit debug: abort */
/* release: undefined (it is used at once; a system with an MMU stops there) */  /* mistake: a handle, a lock, an event or a queue that is NULL */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_queue *q; int item; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_queue_put_nowait(self->q, &self->item));
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
