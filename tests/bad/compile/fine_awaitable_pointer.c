/* What is right is accepted: an aiot_awaitable pointer is an awaitable. */
#include "aio_timeout.h"
struct child { AIOT_FRAME; int n; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child one; aiot_task t; aiot_awaitable *which; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->t, child, &self->one);
    self->which = AIOT_AWAITABLE(&self->t);
    AIOT_JOIN(self->which);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
