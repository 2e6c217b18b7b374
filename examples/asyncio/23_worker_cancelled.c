/* 23_worker_cancelled.py - cancel at 2.5 s, between two steps. */
#include "vt.h"

struct cancellable_task {                       /* async def cancellable_task(name) */
    AIOT_FRAME;
    const char *name;
    int i;
};

static AIOT_CORO(cancellable_task)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (self->i = 0; self->i < 10; self->i++) {
            log("%s: step %d", self->name, self->i);
            AIOT_SLEEP(S(1));
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("%s: cancellation received, cleaning up", self->name);
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct cancellable_task worker;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, cancellable_task, &self->worker, .name = "worker");
    AIOT_SLEEP(S(2.5));
    log("Cancelling task...");
    aiot_cancel(&self->task);
    AIOT_TRY {
        AIOT_JOIN(&self->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Task was cancelled");
    }
    AIOT_END();
}

RUN(root)
