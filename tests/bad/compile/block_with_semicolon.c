/* Used like pthread_mutex_lock(): the block is empty, and the lock is released at once.  gcc says so without any -W; clang does not see it. */
/* warn gcc: block_with_semicolon.c:10.*suggest braces around empty body */
/* warn g++: block_with_semicolon.c:10.*suggest braces around empty body */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_lock lock; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
#pragma GCC diagnostic ignored "-Wmisleading-indentation"
    AIOT_LOCK(&self->lock, &self->w);
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
