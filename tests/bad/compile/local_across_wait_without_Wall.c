/* The same where the user asks for no warnings. */
/* expect gcc: switch jumps over variable initialization */
/* flags clang: -Wno-everything */
/* flags gcc: -Wno-all -Wno-extra */
/* expect clang: variable .i. (is|may be) .*uninitialized */
/* expect g++: jump to case label */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i = 3;
    AIOT_SLEEP(1);
    self->sum += i;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
