/* Joining something that cannot be awaited. */
/* expect any: no member named .awaitable. */
/* expect g++: has no member named .awaitable. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_JOIN(&self->limit);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
