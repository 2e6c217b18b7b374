/* What slips through: a local above AIOT_BEGIN() is made anew at each resume, and no compiler has a reason to object. */
/* skip g++ */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    int i = 3;
    AIOT_BEGIN();
    i++;
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
