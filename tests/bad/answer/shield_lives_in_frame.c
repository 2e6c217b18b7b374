/* A wait for a shield was given up; the shield still listens to what it shields when its frame is filled again. */
/* expect debug: shield_lives_in_frame.c:[0-9]+: task .root.: a callback, a shield or a set in this frame is still in use */
/* exit debug: abort */
/* release: undefined (only a search of the whole frame would find it) */  /* mistake: a frame started anew while a task, a callback, a shield or a set in it is in use */
#include "aio_timeout.h"
#include <stdio.h>
struct asks { AIOT_FRAME; aiot_future *answer; aiot_shield guard; aiot_timeout limit; };
static AIOT_CORO(asks)
{
    AIOT_BEGIN();
    aiot_shield(&self->guard, self->answer);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 5, &self->guard); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_END();
}
struct root { AIOT_FRAME; aiot_future answer; struct asks asks; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&self->answer, task->loop);
    aiot_spawn(&self->t, asks, &self->asks, .answer = &self->answer);
    AIOT_JOIN(&self->t);
    aiot_spawn(&self->t, asks, &self->asks, .answer = &self->answer);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
