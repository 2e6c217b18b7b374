/* AIOT_BEGIN() forgotten. */
/* expect any: .aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END. undeclared|undeclared identifier .aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END. */
/* expect g++: .aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END. was not declared in this scope */
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
