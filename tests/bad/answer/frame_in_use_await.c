/* A frame awaited while its coroutine runs in another task: AIOT_ERUNTIME is raised, and that goes on. */
/* expect debug: frame_in_use_await.c:[0-9]+: task .root.: this frame is in use: the coroutine in it has not ended */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a frame whose coroutine has not ended, awaited or spawned into */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; struct job a, b; aiot_task t; aiot_timeout limit; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->t, job, &self->a, .delay = 5);
    AIOT_YIELD();
    AIOT_TRY { AIOT_AWAIT(job, &self->a, .delay = 1); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->ok = true; }
    AIOT_WAIT_FOR(&self->limit, 9, job, &self->b, .delay = 1);
    AIOT_JOIN(&self->t);
    self->ok = self->ok && self->a.done == 1 && self->b.done == 1 && aiot_now(task->loop) == 5;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
