/* Delays each of which 16 bits can count, but not the product.  gcc's own -Woverflow does not see into the macro. */
/* expect any: this delay is longer than AIOT_TIME_BITS and AIOT_TICKS_PER_S allow */
/* expect g++: this delay is longer than AIOT_TIME_BITS and AIOT_TICKS_PER_S allow */
#define AIOT_TIME_BITS 16
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(500) * 80);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
