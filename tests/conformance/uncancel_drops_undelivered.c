/* uncancel_drops_undelivered.py - uncancel() down to 0 also takes back a cancel that has not been delivered yet. */
#include "vt.h"

struct job {                                    /* async def job(back) */
    AIOT_FRAME;
    int back;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    if (self->back) aiot_task_uncancel(task);
    AIOT_TRY {
        AIOT_SLEEP(S(1));
        log("not cancelled");
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelled");
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int back;
    struct job job;
    aiot_task task;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->back = 0; self->back < 2; self->back++) {
        AIOT_SPAWN(&self->task, job, &self->job, .back = self->back);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
    }
    AIOT_END();
}

RUN(root)
