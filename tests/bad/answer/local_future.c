/* A future that is a C local dies at the wait.  Some compilers see it; where they do not, a debug build does. */
/* expect debug: local_future.c:19: task .root.: joins what is a C local */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
#include <string.h>
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frame; aiot_task child; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->child, child, &self->frame);
    {
        aiot_future it;
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"          /* with optimisation gcc does see this one */
        memset((&it), 0, sizeof *(&it));
        aiot_future_init(&it, task->loop);
        AIOT_JOIN(&it);
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
