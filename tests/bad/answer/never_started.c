/* A task that was never started is joined and cancelled. */
/* expect debug: never_started.c:[0-9]+: task .root.: joins an awaitable that was never started or initialised */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a join of what was never started, or of the task itself */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; aiot_task t; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->ok = !aiot_cancel(&self->t); }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
