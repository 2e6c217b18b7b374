/* wait_first_completed.py - FIRST_COMPLETED returns all that finished by the time the waiter runs, here two of the same
 * instant. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleeps[4];
    aiot_task tasks[4];
    AIOT_WAIT_SET(4) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], aiot_sleep, &self->sleeps[0], .delay_ns = S(2));
    AIOT_SPAWN(&self->tasks[1], aiot_sleep, &self->sleeps[1], .delay_ns = S(1));
    AIOT_SPAWN(&self->tasks[2], aiot_sleep, &self->sleeps[2], .delay_ns = S(1));
    AIOT_SPAWN(&self->tasks[3], aiot_sleep, &self->sleeps[3], .delay_ns = S(3));
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    log("%d %d %d %d", aiot_wait_is_done(&self->set, 0), aiot_wait_is_done(&self->set, 1),
        aiot_wait_is_done(&self->set, 2), aiot_wait_is_done(&self->set, 3));
    log("pending %u", aiot_wait_pending_count(&self->set));
    AIOT_END();
}

RUN(root)
