/* Three jobs in one group, with one task for all: the second and third are refused, and the answer has their line. */
/* expect debug: spawned_again_in_group.c:14: task .root.: spawned again into a group, but this task has not ended */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a task that has not ended, spawned again */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child frames[3]; aiot_group_task task; aiot_group group; int refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        for (int i = 0; i < 3; i++)
            self->refused += aiot_group_spawn(&self->group, &self->task, child, &self->frames[i]) == AIOT_ERUNTIME;
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || frame.refused != 2;
}
