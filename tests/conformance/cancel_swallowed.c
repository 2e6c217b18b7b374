/* cancel_swallowed.py - a task that swallows its cancel goes on; cancelled() is false at the end, cancelling() stays 1. */
#include "vt.h"

struct job { AIOT_FRAME; const char *result; }; /* async def job() */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("swallowed");
    }
    AIOT_SLEEP(S(2));
    self->result = "finished";
    AIOT_END();
}

struct root { AIOT_FRAME; struct job job; aiot_task task; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, job, &self->job);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->task);
    AIOT_JOIN(&self->task);
    log("%s", self->job.result);
    log("cancelled %d cancelling %u", aiot_cancelled(&self->task), aiot_task_cancelling(&self->task));
    AIOT_END();
}

RUN(root)
