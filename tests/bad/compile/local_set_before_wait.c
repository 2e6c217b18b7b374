/* The same, set after its declaration.  gcc sees it when it optimises. */
/* flags gcc: -O2 */
/* expect gcc: uninitialized */
/* expect clang: uninitialized */
/* flags g++: -O2 */
/* expect g++: uninitialized */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i;
    i = self->sum + 3;
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
