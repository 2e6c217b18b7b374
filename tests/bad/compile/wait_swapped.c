/* What is waited for and the limit, in the wrong order. */
/* expect any: what it waits for comes before the limit */
/* expect g++: what it waits for comes before the limit */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT(&self->set, AIOT_S(1), AIOT_ALL_COMPLETED, &self->t);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
