/* uncancel_counts.py - cancel() adds 1 to cancelling(), uncancel() takes 1 away, never below 0, and returns what is left. */
#include "vt.h"

struct job {                                    /* async def job() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelling %u", aiot_task_cancelling(task));
        log("uncancel gives %u", aiot_task_uncancel(task));
        log("uncancel gives %u", aiot_task_uncancel(task));
        log("uncancel gives %u", aiot_task_uncancel(task));
    }
    AIOT_SLEEP(S(1));
    self->result = "alive";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct job job;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, job, &self->job);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->task);
    aiot_cancel(&self->task);
    AIOT_JOIN(&self->task);
    log("%s", self->job.result);
    AIOT_END();
}

RUN(root)
