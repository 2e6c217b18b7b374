/* A local with the name of the coroutine's own task, and no wait in its scope at which a compiler could say so: the spawn takes the coroutine's. */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a local called task */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frames[2]; aiot_task children[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) {
        aiot_task *task = &self->children[i];
        if (aiot_spawn(task, child, &self->frames[i]) != 0) AIOT_RAISE(1);
    }
    AIOT_SLEEP(2);
    if (!aiot_done(&self->children[0]) || !aiot_done(&self->children[1])) AIOT_RAISE(2);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
