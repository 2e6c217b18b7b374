/* A frame that was never allocated. */
/* expect debug: awaits_null.c:12: task .root.: awaits a frame that is NULL */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: NULL in place of an awaitable, a task or a frame */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child *child; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(child, self->child); AIOT_RAISE(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
