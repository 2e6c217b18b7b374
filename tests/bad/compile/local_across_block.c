/* A block is a place to resume at, if anything in it fails: a local with a value does not survive one either. */
/* expect gcc: switch jumps over variable initialization */
/* expect clang: variable .i. (is|may be) .*uninitialized */
/* expect g++: jump to case label */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i = self->sum + 1;
    AIOT_TRY { AIOT_SLEEP(1); } AIOT_FINALLY { self->sum += i; }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
