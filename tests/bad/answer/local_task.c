/* A task that is a C local dies at the next wait.  Some compilers see it; where they do not, a debug build does. */
/* exit debug: abort */
/* expect debug: spawned a task that is a C local */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
#include <string.h>
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child one; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_task t;
        memset((&t), 0, sizeof *(&t));
        (void)aiot_spawn(&t, child, &self->one); AIOT_SLEEP(5);
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
