/* A pointer to a handle that was never set. */
/* expect debug: handle_null.c:11: task .none.: this handle is NULL */
/* exit debug: abort */
/* release: undefined (it is used at once; a system with an MMU stops there) */  /* mistake: a handle, a lock, an event or a queue that is NULL */
#include "aio_timeout.h"
static int count(void *unused) { (void)unused; return 0; }
struct root { AIOT_FRAME; aiot_handle *handle; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_call_soon(task->loop, self->handle, count, NULL);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
