/* A loop that nobody has initialised. */
/* expect debug: loop_not_initialised.c:12: task .none.: runs a loop that was not initialised */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a loop that was not initialised, or is a copy, run */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    return aiot_run(&loop, root, &frame) != AIOT_ERUNTIME;
}
