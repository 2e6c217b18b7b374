/* A frame filled again while a callback in it is armed: the timers' list goes through memory that would be zeroed. */
/* expect debug: callback_lives_in_frame.c:[0-9]+: task .root.: a callback, a shield or a set in this frame is still in use */
/* exit debug: abort */
/* release: undefined (only a search of the whole frame would find it) */  /* mistake: a frame started anew while a task, a callback, a shield or a set in it is in use */
#include "aio_timeout.h"
#include <stdio.h>
static int ring(void *bell) { (void)bell; return 0; }
struct sets_alarm { AIOT_FRAME; aiot_handle alarm; };
static AIOT_CORO(sets_alarm) { AIOT_BEGIN(); aiot_call_later(task->loop, &self->alarm, 50, ring, NULL); AIOT_YIELD(); AIOT_END(); }
struct root { AIOT_FRAME; struct sets_alarm twice; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(sets_alarm, &self->twice);
    AIOT_AWAIT(sets_alarm, &self->twice);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
