/* 39_graceful_cancellation.py - the cancellation is seen twice on its way out (step, then operation), with awaited cleanup. */
#include "vt.h"

struct operation {                              /* async def operation() */
    AIOT_FRAME;
    int i;
    const char *text;                           /* result */
};

static AIOT_CORO(operation)
{
    AIOT_BEGIN();
    AIOT_TRY {
        log("Starting operation");
        for (self->i = 0; self->i < 10; self->i++) {
            AIOT_TRY {
                log("Step %d", self->i);
                AIOT_SLEEP(S(1));
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                log("Cancellation detected during step %d", self->i);
                log("Cleaning up step %d", self->i);
                AIOT_RERAISE();
            }
        }
        log("Operation completed");
        self->text = "Success";
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Operation was cancelled, cleaning up");
        AIOT_SLEEP(S(0.1));
        log("Cleanup completed");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct operation operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(3), operation, &self->operation);
        log("Result: %s", self->operation.text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out");
    }
    AIOT_END();
}

RUN(root)
