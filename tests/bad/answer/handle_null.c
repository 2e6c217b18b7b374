/* A pointer to a handle that was never set. */
/* expect debug: handle_null.c:11: task .none.: this handle is NULL */
/* exit debug: abort */
/* release: refused AIOT_EINVAL */  /* mistake: a handle, lock, event, condition, semaphore, barrier or queue that is NULL */
#include "aio_timeout.h"
static int count(void *unused) { (void)unused; return 0; }
struct root { AIOT_FRAME; aiot_handle *handle; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (aiot_call_soon(task->loop, self->handle, count, NULL) != AIOT_EINVAL) AIOT_RAISE(1);
    if (aiot_call_later(task->loop, self->handle, 1, count, NULL) != AIOT_EINVAL) AIOT_RAISE(2);
    if (aiot_add_done_callback(task, self->handle, count, NULL) != AIOT_EINVAL) AIOT_RAISE(3);
    if (aiot_handle_cancel(self->handle) || aiot_remove_done_callback(self->handle)) AIOT_RAISE(4);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
