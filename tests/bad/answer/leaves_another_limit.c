/* An argument that names another object at the end of its block. */
/* expect debug: leaves_another_limit.c:12: task .root.: leaves another limit than it entered */
/* exit debug: abort */
/* release: trapped */  /* mistake: a block whose argument names another limit or group at its end */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_timeout limit[2]; int i; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit[self->i], 1) {
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
