/* A limit that is a C local dies at the next wait.  Some compilers see it; where they do not, a debug build does. */
/* exit debug: abort */
/* expect debug: this limit is a C local */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include "aio_timeout.h"
#include <string.h>
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_timeout limit;
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"          /* with optimisation gcc does see this one */
        memset((&limit), 0, sizeof *(&limit));
        AIOT_TIMEOUT(&limit, 10) { AIOT_SLEEP(1); }
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
