/* 31_wait_for_task_cancels_it.py - wait_for on a task: at the timeout the task itself ends cancelled. */
#include "vt.h"

struct slow_operation {                         /* async def slow_operation() */
    AIOT_FRAME;
    const char *text;                           /* result */
};

static AIOT_CORO(slow_operation)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(5));
    self->text = "Operation completed";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct slow_operation slow_operation;
    aiot_task task;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, slow_operation, &self->slow_operation);
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, S(2), &self->task);
        log("%s", self->slow_operation.text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out");
    }
    log("Task cancelled: %s", aiot_cancelled(&self->task) ? "True" : "False");
    AIOT_END();
}

RUN(root)
