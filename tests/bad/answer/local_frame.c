/* A frame that is a C local dies at the next wait.  Some compilers see it; where they do not, a debug build does. */
/* exit debug: abort */
/* expect debug: this frame is a C local */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
#include <string.h>
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        struct child f;
        memset((&f), 0, sizeof *(&f));
        AIOT_AWAIT(child, &f);
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
