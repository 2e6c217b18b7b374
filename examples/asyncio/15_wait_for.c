/* 15_wait_for.py - wait_for cuts a 10 s operation at 5 s. */
#include "vt.h"

struct slow_operation { AIOT_FRAME; const char *result; };      /* async def slow_operation() */

static AIOT_CORO(slow_operation)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(10));
    self->result = "Done";
    AIOT_END();
}

struct root {                                                   /* async def main() */
    AIOT_FRAME;
    struct slow_operation slow_operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5), slow_operation, &self->slow_operation);
        log("%s", self->slow_operation.result);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("The operation timed out - it took longer than 5 seconds");
    }
    AIOT_END();
}

RUN(root)
