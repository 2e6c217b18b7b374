/* A loop that is another one's copy: its lists lead back into that. */
/* expect debug: loop_copied.c:14: task .none.: runs a loop that was not initialised, or was copied or moved */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a loop that was not initialised, or is a copy, run */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
int main(void)
{
    static aiot_loop loop, copy;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    copy = loop;
    return aiot_run(&copy, root, &frame) != AIOT_ERUNTIME || aiot_run(&loop, root, &frame) != AIOT_OK;
}
