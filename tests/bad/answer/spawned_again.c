/* A task spawned again while it runs: AIOT_ERUNTIME, and it goes on. */
/* expect debug: spawned_again.c:[0-9]+: task .job.: spawned again, but this task has not ended */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a task that has not ended, spawned again */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; struct job a, b; aiot_task t; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->t, job, &self->a, .delay = 5);
    AIOT_YIELD();
    self->ok = aiot_spawn(&self->t, job, &self->b, .delay = 1) == AIOT_ERUNTIME;
    AIOT_JOIN(&self->t);
    self->ok = self->ok && self->a.done == 1 && aiot_now(task->loop) == 5;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
