/* A lock where an event belongs. */
/* expect any: incompatible pointer type|incompatible pointer types */
/* expect g++: cannot convert */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_lock lock; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_EVENT_WAIT(&self->lock, &self->w);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
