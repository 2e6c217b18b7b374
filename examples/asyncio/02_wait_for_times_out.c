/* 02_wait_for_times_out.py - wait_for cuts a 5 s operation at 3 s; its last line never prints. */
#include "vt.h"

struct potentially_slow_operation {             /* async def potentially_slow_operation() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(potentially_slow_operation)
{
    AIOT_BEGIN();
    log("Starting potentially slow operation...");
    AIOT_SLEEP(S(5));
    log("Operation completed!");
    self->result = "Success!";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct potentially_slow_operation operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(3.0), potentially_slow_operation, &self->operation);
        log("Result: %s", self->operation.result);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out after 3 seconds!");
    }
    AIOT_END();
}

RUN(root)
