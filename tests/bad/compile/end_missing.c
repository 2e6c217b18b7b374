/* AIOT_END() forgotten. */
/* expect any: expected (declaration or statement|.}.|identifier)|function definition is not allowed|invalid storage class */
/* expect g++: expected|a function-definition is not allowed */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
