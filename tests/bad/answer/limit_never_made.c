/* A limit that is entered, but was never made. */
/* expect debug: limit_never_made.c:10: task .root.: enters a limit that was not made, or is over: aiot_timeout_init\(\) makes it anew */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a limit or a guard that is in use, over or was never made */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_ENTER(&self->limit) { AIOT_SLEEP(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
