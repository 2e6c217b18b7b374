/* A wait that there is not.  C compilers before gcc 14 and clang 16 would only warn. */
/* expect any: implicit declaration of function|implicitly declaring library function|call to undeclared function */
/* expect g++: was not declared in this scope */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_YEILD();
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
