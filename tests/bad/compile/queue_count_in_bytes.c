/* The length of a queue's array in bytes. */
/* expect any: more items than the array has */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_queue q; int items[4]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init_array(&self->q, self->items, sizeof self->items);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
