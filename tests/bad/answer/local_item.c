/* An item for a full queue that is a C local dies before there is room for it. */
/* expect debug: local_item.c:14: task .root.: waits until there is room in a queue for an item that is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_queue queue; int places[1]; aiot_waiter w; };
static AIOT_CORO(root)
{
    int item;
    AIOT_BEGIN();
    aiot_queue_init(&self->queue, self->places);
    item = 11;
    AIOT_QUEUE_PUT(&self->queue, &self->w, &item);             /* there is room: nothing has to last */
    AIOT_QUEUE_PUT(&self->queue, &self->w, &item);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
