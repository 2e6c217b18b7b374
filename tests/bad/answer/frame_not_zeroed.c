/* A frame in memory that held something else. */
/* expect debug: frame_not_zeroed.c:14: task .root.: this frame was not zeroed before its first use */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a task or a frame that was not zeroed before its first use */
#include <string.h>
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    memset(&self->child, 0x55, sizeof self->child);
    AIOT_TRY { AIOT_AWAIT(child, &self->child); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
