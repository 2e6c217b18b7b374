/* Without a handler, errors that nobody asks for are printed; in release they are not. */
/* expect debug: ^a task failed and nobody asked how it ended: task .job., line 7: an error of the application .3.$ */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a task that fails, and nobody asks how it ended */
#include "aio_timeout.h"
struct job { AIOT_FRAME; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_RAISE(3); AIOT_END(); }
struct root { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->t, job, &self->job);
    AIOT_YIELD();
    AIOT_YIELD();
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
