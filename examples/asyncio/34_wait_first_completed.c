/* 34_wait_first_completed.py - FIRST_COMPLETED returns at 1 s although the timeout is 1.5 s; the rest stays pending. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleeps[3];
    aiot_task tasks[3];
    AIOT_WAIT_SET(3) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], aiot_sleep, &self->sleeps[0], .delay_ns = S(1));
    AIOT_SPAWN(&self->tasks[1], aiot_sleep, &self->sleeps[1], .delay_ns = S(2));
    AIOT_SPAWN(&self->tasks[2], aiot_sleep, &self->sleeps[2], .delay_ns = S(3));
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, S(1.5), &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    log("Completed tasks: %u", aiot_wait_done_count(&self->set));
    log("Pending tasks: %u", aiot_wait_pending_count(&self->set));
    for (int i = 0; i < 3; i++) {
        if (!aiot_wait_is_done(&self->set, i)) aiot_cancel(&self->tasks[i]);
    }
    AIOT_END();
}

RUN(root)
