/* The body of a coroutine called like a function, under its full name. */
/* expect debug: called_like_a_function.c:[0-9]+: task .root.: called like a function: use AIOT_AWAIT or aiot_spawn */
/* exit debug: abort */
/* release: trapped */  /* mistake: the body of a coroutine called as a C function */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; struct job a; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    (void)aiot_coro_job(&self->a, task);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
