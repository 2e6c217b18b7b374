/* 09_cleanup_on_cancel.py - a cancelled task awaits its cleanup, re-raises, and its finally part runs last. */
#include "vt.h"

struct robust_operation {                       /* async def robust_operation() */
    AIOT_FRAME;
    bool acquired;
    int i;
    const char *result;
};

static AIOT_CORO(robust_operation)
{
    AIOT_BEGIN();
    self->acquired = false;
    AIOT_TRY {
        log("Acquiring resource...");
        AIOT_SLEEP(S(0.5));
        self->acquired = true;
        log("Resource acquired successfully");
        for (self->i = 0; self->i < 10; self->i++) {
            log("Processing step %d/10", self->i + 1);
            AIOT_SLEEP(S(1));
        }
        log("Operation completed successfully");
        self->result = "Operation successful";
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Operation cancelled - performing cleanup");
        if (self->acquired) {
            log("Releasing resource...");
            AIOT_SLEEP(S(0.1));
            log("Resource released");
        }
        AIOT_RERAISE();
    } AIOT_FINALLY {
        log("Finally block executed");
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct robust_operation operation;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, robust_operation, &self->operation);
    AIOT_SLEEP(S(3));
    log("Requesting cancellation...");
    aiot_cancel(&self->task);
    AIOT_TRY {
        AIOT_JOIN(&self->task);
        log("Result: %s", self->operation.result);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Task was properly cancelled");
    }
    AIOT_END();
}

RUN(root)
