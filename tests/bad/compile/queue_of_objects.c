/* A queue of C++ objects, which it would copy as bytes. */
/* expect g++: items are copied as bytes */
#include "aio_timeout.h"
#ifdef __cplusplus
struct item { int n; ~item() { } };
#else
struct item { int n; };
#endif
struct root { AIOT_FRAME; struct item items[2], item; aiot_queue q; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    AIOT_QUEUE_PUT(&self->q, &self->w, &self->item);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
