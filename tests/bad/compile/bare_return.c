/* `return;` would return anything: AIOT_RETURN() ends a coroutine. */
/* flags gcc: -Wno-return-type */
/* expect gcc: return. with no value, in function returning non-void */
/* expect clang: should return a value */
/* expect g++: return-statement with no value */
#include "aio_timeout.h"
struct root { AIOT_FRAME; bool early; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (self->early) return;
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
