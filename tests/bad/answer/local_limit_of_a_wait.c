/* The limit of a wait that is a C local dies at the wait.  Some compilers see it; where they do not, a debug build does. */
/* expect debug: local_limit_of_a_wait.c:18: task .root.: this limit is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
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
        aiot_timeout it;
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"          /* with optimisation gcc does see this one */
        memset((&it), 0, sizeof *(&it));
        AIOT_JOIN_FOR(&it, 10, &self->child);
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
