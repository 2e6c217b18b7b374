/* A gather whose members were forgotten. */
/* expect any: too few arguments: AIOT_GATHER */
/* expect g++: too few arguments: AIOT_GATHER */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GATHER(&self->all);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
