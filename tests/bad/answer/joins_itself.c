/* A task that joins itself: AIOT_ERUNTIME, as asyncio's RuntimeError. */
/* expect debug: joins_itself.c:[0-9]+: task .root.: joins itself */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a join of what was never started, or of the task itself */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN(task); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->ok = true; }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
