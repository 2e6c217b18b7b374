/* An event that is a C local. */
/* expect debug: local_event.c:16: task .root.: waits for an event that is a C local */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an object or a frame that is a C local */
#include <string.h>
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; aiot_waiter w; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    {
        aiot_event event;
        memset(&event, 0, sizeof event);
        AIOT_EVENT_WAIT(&event, &self->w);
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
