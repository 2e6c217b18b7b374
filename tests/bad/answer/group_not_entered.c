/* A task for a group whose block is over: refused, with the line. */
/* expect debug: group_not_entered.c:13: .*spawned into a group whose block is not entered, or is over */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a spawn into a group whose block is not entered, or is over */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frame; aiot_group_task task; aiot_group group; int code; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) { AIOT_SLEEP(1); }
    self->code = aiot_group_spawn(&self->group, &self->task, child, &self->frame);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || frame.code != AIOT_ERUNTIME;
}
