/* The same of a group that has ended before. */
/* expect debug: leaves_group_that_is_over.c:13: task .root.: leaves another group than it entered */
/* exit debug: abort */
/* release: trapped */  /* mistake: a block whose argument names another limit or group at its end */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_group g[2]; int i; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g[1]) { }
    AIOT_GROUP(&self->g[self->i]) {
        self->i++;
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
