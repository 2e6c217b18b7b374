/* 03_cancel_cooperative.py - cancel() after 3 s; the task sees it at its await and re-raises. At t=3 its own sleep had
 * just ended too, but the main task woke first (its timer was set first), so step 4 is never printed. */
#include "vt.h"

struct cancellable_operation {                  /* async def cancellable_operation() */
    AIOT_FRAME;
    int i;
    const char *result;
};

static AIOT_CORO(cancellable_operation)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (self->i = 0; self->i < 10; self->i++) {
            log("Working... step %d/10", self->i + 1);
            AIOT_SLEEP(S(1));
        }
        self->result = "Completed all work!";
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Operation was cancelled!");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct cancellable_operation operation;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, cancellable_operation, &self->operation);
    AIOT_SLEEP(S(3));
    aiot_cancel(&self->task);
    AIOT_TRY {
        AIOT_JOIN(&self->task);
        log("Result: %s", self->operation.result);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Task was successfully cancelled");
    }
    AIOT_END();
}

RUN(root)
