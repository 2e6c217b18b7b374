/* An argument that the coroutine does not have. */
/* expect any: has no member named .delay_ms.|does not refer to any field in type */
/* expect g++: has no (non-static data )?member named .delay_ms. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; struct aiot_sleep sleep; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_sleep, &self->sleep, .delay_ms = 1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
