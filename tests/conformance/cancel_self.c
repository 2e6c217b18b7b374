/* cancel_self.py - a task that cancels itself runs on to its next suspension, and sleep(0) is one. */
#include "vt.h"

struct job { AIOT_FRAME; int how; };            /* async def job(how) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    log("still running, cancelling %u", aiot_task_cancelling(task));
    AIOT_TRY {
        if (self->how == 0) AIOT_SLEEP(0);
        else AIOT_SLEEP(S(5));
        log("not reached");
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelled at its own await");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int how; struct job job; aiot_task task; AIOT_WAIT_SET(1) set; };     /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 2; self->how++) {
        AIOT_SPAWN(&self->task, job, &self->job, .how = self->how);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
        log("%s", outcome(&self->task, "None"));
    }
    AIOT_END();
}

RUN(root)
