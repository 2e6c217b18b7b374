/* An aiot_io that is a C local dies at the wait. */
/* expect debug: local_io.c:16: task .root.: waits with an aiot_io that is a C local */
/* exit debug: abort */
/* exit release: skip */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "aio_timeout.h"
#include <string.h>
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_io it;
        memset(&it, 0, sizeof it);
        AIOT_READABLE(&it, 0);
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
