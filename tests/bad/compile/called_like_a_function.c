/* A coroutine called like a function: there is none of that name. */
/* expect any: implicit declaration of function .child. */
/* expect g++: no matching function for call to .child::child|could not convert .* from .child\*. */
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
