/* AIOT_CHECK() of what answers true or false: true would be raised as error 1. */
/* expect any: this answers true or false */
/* expect g++: this answers true or false */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_cancel(&self->t));
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
