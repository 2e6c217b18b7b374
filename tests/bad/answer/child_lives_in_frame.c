/* A frame used again while a task that lives in it still runs: the memory of that task would be zeroed. */
/* expect debug: child_lives_in_frame.c:[0-9]+: task .root.: this frame contains a task that has not ended */
/* exit debug: abort */
/* release: undefined (only a search of the whole frame would find it) */  /* mistake: a frame started anew while a task, a callback, a shield or a set in it is in use */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct parent { AIOT_FRAME; struct job child; aiot_task t; };
static AIOT_CORO(parent) { AIOT_BEGIN(); aiot_spawn(&self->t, job, &self->child, .delay = 5); AIOT_YIELD(); AIOT_END(); }
struct root { AIOT_FRAME; struct parent parent; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(parent, &self->parent);
    AIOT_AWAIT(parent, &self->parent);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
