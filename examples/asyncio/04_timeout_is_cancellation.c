/* 04_timeout_is_cancellation.py - inside, a timeout looks like a cancellation; outside, like TimeoutError. */
#include "vt.h"

struct long_running_task {                      /* async def long_running_task() */
    AIOT_FRAME;
    int i;
    const char *result;
};

static AIOT_CORO(long_running_task)
{
    AIOT_BEGIN();
    AIOT_TRY {
        log("Task started");
        for (self->i = 0; self->i < 10; self->i++) {
            log("Step %d: Still working...", self->i + 1);
            AIOT_SLEEP(S(1));
        }
        self->result = "Task completed normally";
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Task detected it was cancelled!");
        log("Cleanup completed");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct long_running_task long_running_task;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(4.0), long_running_task, &self->long_running_task);
        log("Result: %s", self->long_running_task.result);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Timeout occurred - the task was automatically cancelled");
    }
    AIOT_END();
}

RUN(root)
