/* wait_for_suppressed.py - a task that swallows the timeout's cancel and returns makes wait_for return that value. */
#include "vt.h"

struct stubborn {                               /* async def stubborn() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(0.5));
        self->result = "late value";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int limit;
    struct stubborn stubborn;
    aiot_task task;
    aiot_timeout timeout;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->limit = 1; self->limit >= 0; self->limit--) {
        AIOT_SPAWN(&self->task, stubborn, &self->stubborn);
        AIOT_SLEEP(0);
        AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->task);
        log("%s, cancelling %u", self->stubborn.result, aiot_task_cancelling(task));
    }
    AIOT_END();
}

RUN(root)
