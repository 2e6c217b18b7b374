/* Two tasks wait with one aiot_waiter.  The answer has the line of the second wait. */
/* expect debug: waiter_in_use.c:9: task .waits.: waits with an aiot_waiter with which a task waits already */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
static aiot_event event;
static aiot_waiter waiter;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits) { AIOT_BEGIN(); AIOT_EVENT_WAIT(&event, &waiter); AIOT_END(); }
struct root { AIOT_FRAME; struct waits frames[2]; aiot_task tasks[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->tasks[0], waits, &self->frames[0]);
    aiot_spawn(&self->tasks[1], waits, &self->frames[1]);
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
