/* cancel_during_cleanup.py - a second cancel() interrupts the cleanup that the first one started. */
#include "vt.h"

struct job { AIOT_FRAME_DEPTH(2); };            /* async def job() */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cleanup starts");
        AIOT_TRY {
            AIOT_SLEEP(S(5));
            log("cleanup ends");
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("cleanup interrupted, cancelling %u", aiot_task_cancelling(task));
            AIOT_RERAISE();
        }
    } AIOT_FINALLY {
        log("finally");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct job job; aiot_task task; AIOT_WAIT_SET(1) set; };      /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, job, &self->job);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->task);
    AIOT_SLEEP(S(2));
    aiot_cancel(&self->task);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
    log("%s", outcome(&self->task, "None"));
    AIOT_END();
}

RUN(root)
