/* Two tasks race with one set. */
/* expect debug: race_set_in_use.c:10: task .second.: waits with an AIOT_RACE_SET with which a task waits already */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
static AIOT_RACE_SET(1) set;
static aiot_future future;
struct first { AIOT_FRAME; };
static AIOT_CORO(first) { AIOT_BEGIN(); AIOT_RACE(&set, &future); AIOT_END(); }
struct second { AIOT_FRAME; }; static AIOT_CORO(second) { AIOT_BEGIN(); AIOT_RACE(&set, &future); AIOT_END(); }
int main(void)
{
    static aiot_loop loop;
    static struct first one;
    static struct second two;
    static aiot_task t, u;
    aiot_loop_init_virtual(&loop);
    aiot_future_init(&future, &loop);
    aiot_spawn_on(&loop, &t, first, &one);
    aiot_spawn_on(&loop, &u, second, &two);
    return aiot_run_forever(&loop);
}
