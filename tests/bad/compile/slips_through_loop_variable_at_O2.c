/* What slips through: gcc with optimisation does not see that this counter dies at each wait.  clang does, and gcc -O0. */
/* flags gcc: -O2 */
/* expect clang: uninitialized */
/* skip g++ */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int i;
    for (i = 0; i < 3; i++) AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
