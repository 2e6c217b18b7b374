/* The address of a local, as that of a const.  clang does not look there. */
/* flags gcc: -DAIOT_DEBUG=1 */
/* flags g++: -DAIOT_DEBUG=1 */
/* expect gcc: uninitialized */
/* expect g++: uninitialized */
#include "aio_timeout.h"
void use(const int *);
struct root { AIOT_FRAME; int sum; aiot_task t; struct aiot_sleep s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int n;
    n = self->sum + 1;
    AIOT_SLEEP(1);
    use(&n);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
