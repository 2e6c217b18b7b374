/* wait_for_inner_cancelled.py - if someone else cancels the awaited task, wait_for raises CancelledError, not TimeoutError. */
#include "vt.h"

struct waiter {                                 /* async def waiter(task) */
    AIOT_FRAME;
    aiot_task *task;
    const char *result;
    aiot_timeout limit;
};

static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, S(5), self->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("CancelledError, my own cancelling is %u", aiot_task_cancelling(task));
        self->result = "survived";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleep;
    struct waiter waiter;
    aiot_task task, w;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, aiot_sleep, &self->sleep, .delay_ns = S(10));
    AIOT_SPAWN(&self->w, waiter, &self->waiter, .task = &self->task);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->task);
    AIOT_JOIN(&self->w);
    log("%s", self->waiter.result);
    AIOT_END();
}

RUN(root)
