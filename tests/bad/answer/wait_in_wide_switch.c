/* A wait inside a switch over 64 bits, which compiles: the label is not found again. */
/* expect debug: wait_in_wide_switch.c:[0-9]+: task .root.: the frame is corrupted or was never started */
/* exit debug: abort */
/* release: trapped */  /* mistake: a wait in a switch of your own over 64 bits */
#include "aio_timeout.h"
struct root { AIOT_FRAME; long long kind; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    switch (self->kind) {
    case 0:
        AIOT_SLEEP(1);
        self->ok = true;
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
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
