/* A pointer that was never set. */
/* expect debug: joins_null.c:12: task .root.: joins NULL */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_task *other; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_JOIN(self->other);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
