/* An aiot_fd that is a C local dies at the wait. */
/* expect debug: local_fd.c:16: task .root.: waits for an aiot_fd that is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "aio_timeout.h"
#include <string.h>
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_fd it;
        memset(&it, 0, sizeof it);
        AIOT_READABLE(&it);
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
