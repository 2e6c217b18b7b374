/* More members than the AIOT_AS_COMPLETED_SET has room for. */
/* expect any: more members than the AIOT_AS_COMPLETED_SET has room for */
/* expect g++: more members than the AIOT_AS_COMPLETED_SET has room for */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_future a, b; AIOT_AS_COMPLETED_SET(1) set; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_as_completed(&self->set, 1, &self->a, &self->b);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
