/* AIOT_BEGIN() forgotten. */
/* expect any: .aiot_i_(base|phase|here). undeclared|undeclared identifier .aiot_i_(base|phase|here). */
/* expect g++: .aiot_i_(base|phase|here). was not declared in this scope */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
