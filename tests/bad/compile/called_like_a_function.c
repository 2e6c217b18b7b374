/* A coroutine called like a function does nothing that waits. */
/* flags gcc: -Werror */
/* flags clang: -Werror */
/* flags g++: -Werror */
/* expect any: unused-result */
/* expect g++: unused-result */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child one; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    child(&self->one, task);
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
