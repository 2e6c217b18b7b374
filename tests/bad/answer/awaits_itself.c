/* A coroutine that awaits the frame it runs in: AIOT_ERUNTIME is raised, and it goes on. */
/* expect debug: awaits_itself.c:[0-9]+: task .root.: this frame is in use: the coroutine in it has not ended */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a frame whose coroutine has not ended, awaited or spawned into */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int before; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->before = 7;
    AIOT_TRY { AIOT_AWAIT(root, self); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->ok = self->before == 7; }
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
