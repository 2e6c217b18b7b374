/* A frame used again while a task lies in it whose own frame is somewhere else. */
/* expect debug: task_lives_in_frame.c:[0-9]+: task .root.: this frame contains a task that has not ended */
/* exit debug: abort */
/* release: undefined (only a search of the whole frame would find it) */  /* mistake: a frame started anew while a task, a callback, a shield or a set in it is in use */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
static struct child elsewhere;
struct parent { AIOT_FRAME; aiot_task t; };
static AIOT_CORO(parent) { AIOT_BEGIN(); aiot_spawn(&self->t, child, &elsewhere); AIOT_YIELD(); AIOT_END(); }
struct root { AIOT_FRAME; struct parent parent; };
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
    return aiot_run_frame(&loop, root, &frame);
}
