/* A time, and a delay that a function takes, with a fraction. */
/* expect any: write AIOT_S.0.5. for 0.5 */
/* expect g++: write AIOT_S.0.5. for 0.5 */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_timeout_reschedule(&self->limit, 0.5);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
