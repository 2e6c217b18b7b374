/* 0 is no error: AIOT_EINVAL is raised in its place. */
/* expect debug: raises_nothing.c:[0-9]+: task .root.: raises 0, which is no error */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: AIOT_RAISE(0) */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int code; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_RAISE(self->code); } AIOT_EXCEPT(AIOT_EINVAL) { self->ok = true; }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
