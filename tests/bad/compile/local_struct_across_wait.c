/* A struct.  clang follows no members. */
/* flags gcc: -DAIOT_DEBUG=1 */
/* flags g++: -DAIOT_DEBUG=1 */
/* expect gcc: uninitialized */
/* expect g++: uninitialized */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; aiot_task t; struct aiot_sleep s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    struct { int a, b; } pair;
    pair.a = self->sum + 1;
    pair.b = self->sum + 2;
    AIOT_SLEEP(1);
    self->sum += pair.a + pair.b;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
