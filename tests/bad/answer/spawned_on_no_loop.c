/* A task is spawned on a loop that nobody has initialised. */
/* expect debug: spawned_on_no_loop.c:14: task .none.: spawned on a loop that was not initialised */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a task spawned on a loop that was not initialised */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
int main(void)
{
    static aiot_loop loop;
    static struct child frame;
    static aiot_task t;
    if (aiot_run_once(&loop) != AIOT_FOREVER) return 1;
    return aiot_spawn_on(&loop, &t, child, &frame) != AIOT_ERUNTIME;
}
