/* group_parent_cancelled.py - cancelling the task that holds the group cancels all its tasks; after they end CancelledError goes
 * on. */
#include "vt.h"

struct job { AIOT_FRAME; int n; };

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(self->n));
        log("job %d cleaned", self->n);
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct holder { AIOT_FRAME; aiot_group tg; struct job job1, job2; aiot_group_task t1, t2; };

static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, job, &self->job1, .n = 1);
        aiot_group_spawn(&self->tg, &self->t2, job, &self->job2, .n = 2);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("holder: CancelledError, cancelling %u", aiot_task_cancelling(task));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct holder holder; aiot_task h; AIOT_WAIT_SET(1) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->h, holder, &self->holder);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->h);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->h);
    log("%s", outcome(&self->h, "None"));
    AIOT_END();
}

RUN(root)
