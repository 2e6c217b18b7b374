/* More members than the set has links for. */
/* expect any: more members than the AIOT_WAIT_SET has room for */
/* expect g++: more members than the AIOT_WAIT_SET has room for */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_task a, b, c; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->a, &self->b, &self->c);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
