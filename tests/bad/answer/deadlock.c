/* Two tasks that wait for each other: AIOT_EDEADLK, and a debug build says who waits, for what, and where. */
/* expect debug: task .partner., line 11: waits for task .root. */
/* exit debug: 0 */
/* release: refused AIOT_EDEADLK */  /* mistake: tasks that wait for each other */
#include "aio_timeout.h"
static aiot_task *root_task;
struct partner { AIOT_FRAME; };
static AIOT_CORO(partner)
{
    AIOT_BEGIN();
    AIOT_JOIN(root_task);
    AIOT_END();
}
struct root { AIOT_FRAME; struct partner frame; aiot_task partner; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    root_task = task;
    aiot_spawn(&self->partner, partner, &self->frame);
    AIOT_JOIN(&self->partner);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_EDEADLK;
}
