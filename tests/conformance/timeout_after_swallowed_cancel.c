/* timeout_after_swallowed_cancel.py - a cancel request swallowed earlier (count 1) does not stop a later timeout from becoming
 * TimeoutError. */
#include "vt.h"

struct job {                                    /* async def job() */
    AIOT_FRAME;
    const char *result;
    aiot_timeout limit;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("swallowed, cancelling %u", aiot_task_cancelling(task));
    }
    AIOT_TIMEOUT(&self->limit, S(1)) {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("timed out, cancelling %u", aiot_task_cancelling(task));
    }
    self->result = "ok";
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
    AIOT_JOIN(&self->task);
    log("got %s", self->job.result);
    AIOT_END();
}

RUN(root)
