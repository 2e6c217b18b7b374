/* wait_for_shield.py - wait_for(shield(task)) times out without touching the task, which can be awaited again. */
#include "vt.h"

struct job {                                    /* async def job() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    log("job done");
    self->result = "kept";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct job job;
    aiot_task task;
    aiot_shield guard;
    aiot_timeout timeout;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const double limits[] = { 1, 0, 0.5 };
    AIOT_SPAWN(&self->task, job, &self->job);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TRY {
            aiot_shield(&self->guard, &self->task);
            AIOT_JOIN_FOR(&self->timeout, S(limits[self->i]), &self->guard);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("limit %g passed, job %s", limits[self->i], outcome(&self->task, "%s", self->job.result));
        }
    }
    aiot_shield(&self->guard, &self->task);
    AIOT_JOIN_FOR(&self->timeout, AIOT_FOREVER, &self->guard);
    log("%s", self->job.result);
    AIOT_END();
}

RUN(root)
