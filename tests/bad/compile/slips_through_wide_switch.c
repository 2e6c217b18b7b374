/* What slips through: a switch over 64 bits has room for the wide label.  At run time it is noticed: see answer/wait_in_wide_switch.c. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; long long kind; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    switch (self->kind) {
    case 9:
        AIOT_SLEEP(1);
        break;
    default:
        break;
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
