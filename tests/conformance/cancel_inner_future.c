/* cancel_inner_future.py - cancelling the future a task awaits raises CancelledError in the task, which ends cancelled unless
 * caught. */
#include "vt.h"

struct job { AIOT_FRAME; aiot_future *fut; int catches; const char *result; };  /* async def job(fut, catch) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN(self->fut);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("catch %d, cancelling %u", self->catches, aiot_task_cancelling(task));
        if (!self->catches) AIOT_RERAISE();
        self->result = "caught";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int catches;
    aiot_future fut;
    struct job job;
    aiot_task task;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->catches = 0; self->catches < 2; self->catches++) {
        aiot_future_init(&self->fut, task->loop);
        AIOT_SPAWN(&self->task, job, &self->job, .fut = &self->fut, .catches = self->catches);
        AIOT_SLEEP(S(1));
        aiot_cancel(&self->fut);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
        log("%s", outcome(&self->task, "%s", self->job.result));
    }
    AIOT_END();
}

RUN(root)
