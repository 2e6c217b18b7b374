/* The line of an error is that of the wait that raised it, also when that had nothing to wait for. */
/* expect debug: task .root., line 14: aiot_run\(\) ends with */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a task that fails, and nobody asks how it ended */
#include "aio_timeout.h"
struct fails { AIOT_FRAME; };
static AIOT_CORO(fails) { AIOT_BEGIN(); AIOT_RAISE(7); AIOT_END(); }
struct root { AIOT_FRAME; struct fails frame; aiot_task fails; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->fails, fails, &self->frame);
    AIOT_SLEEP(1);
    AIOT_JOIN(&self->fails);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != 7;
}
