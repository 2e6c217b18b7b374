/* What slips through: clang does not follow the elements of an array across a wait.  gcc does. */
/* flags gcc: -O1 */
/* expect gcc: uninitialized */
/* skip g++ */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int few[2];
    few[0] = self->sum + 1;
    few[1] = self->sum + 2;
    AIOT_SLEEP(1);
    self->sum += few[0] + few[1];
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
