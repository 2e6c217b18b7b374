/* 14_timeout_block.py - the timeout block cuts a 10 s task at 5 s. */
#include "vt.h"

struct slow_task { AIOT_FRAME; const char *result; };   /* async def slow_task() */

static AIOT_CORO(slow_task)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(10));
    self->result = "Finished";
    AIOT_END();
}

struct root {                                           /* async def main() */
    AIOT_FRAME;
    struct slow_task slow_task;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(5)) {
        AIOT_AWAIT(slow_task, &self->slow_task);
        log("%s", self->slow_task.result);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("The task timed out.");
    }
    AIOT_END();
}

RUN(root)
