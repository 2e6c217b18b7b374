/* An aiot_waiter that is a C local dies at the wait.  Some compilers see it; where they do not, a debug build does. */
/* expect debug: local_waiter.c:16: task .root.: waits with an aiot_waiter that is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
#include <string.h>
struct root { AIOT_FRAME; aiot_lock lock; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_waiter waiter;
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"          /* with optimisation gcc does see this one */
        memset((&waiter), 0, sizeof *(&waiter));
        self->lock.is_locked = true;
        AIOT_LOCK(&self->lock, &waiter) { AIOT_YIELD(); }
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
